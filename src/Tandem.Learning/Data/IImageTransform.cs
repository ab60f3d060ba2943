namespace Tandem.Learning.Data;

/// <summary>A random change of an image that keeps its class, such as a flip. Has no state and may be used by several threads at once.</summary>
public interface IImageTransform
{
    /// <summary>Changes an image.</summary>
    /// <param name="image">Its samples, plane by plane.</param>
    /// <param name="changed">Takes the samples of the changed image, of the same shape; another memory than <paramref name="image"/>.</param>
    /// <param name="shape">The shape of both.</param>
    /// <param name="random">Says how it is changed; nothing else does.</param>
    void Apply(ReadOnlySpan<byte> image, Span<byte> changed, ImageShape shape, ref RandomSequence random);
}
