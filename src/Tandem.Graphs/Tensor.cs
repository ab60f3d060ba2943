namespace Tandem.Graphs;

/// <summary>A named value of a graph: its element type and static shape, without its contents.</summary>
/// <param name="Name">The name by which operators refer to it, unique in its graph.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions; images are N, C, H, W.</param>
public sealed record Tensor(string Name, ElementType Type, Shape Shape)
{
    /// <summary>Bytes that the contents take, densely packed.</summary>
    public long SizeInBytes => Shape.ElementCount * Type.SizeInBytes();

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type}{Shape}";
}
