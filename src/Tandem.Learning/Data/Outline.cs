namespace Tandem.Learning.Data;

/// <summary>
/// A shape around the origin that fits into the unit circle. Only operations that IEEE 754 rounds exactly are used, so that a
/// shape is the same on every machine.
/// </summary>
/// <param name="Name">What the shape is called.</param>
/// <param name="Distance">About how far a point (x, y) is from the edge: negative inside, positive outside.</param>
internal sealed record Outline(string Name, Func<float, float, float> Distance)
{
    /// <summary>All shapes; none is another one turned, moved or scaled.</summary>
    internal static IReadOnlyList<Outline> All { get; } =
    [
        new("disc", (x, y) => Length(x, y) - 0.85f),
        new("ring", (x, y) => MathF.Abs(Length(x, y) - 0.75f) - 0.2f),
        new("square", (x, y) => Box(x, y, 0.7f, 0.7f)),
        new("frame", (x, y) => MathF.Abs(Box(x, y, 0.57f, 0.57f)) - 0.15f),
        new("triangle", (x, y) => MathF.Max((MathF.Abs(x) * 0.866f) + (y * 0.5f), -y) - 0.5f),
        new("cross", (x, y) => MathF.Min(Box(x, y, 0.24f, 0.95f), Box(x, y, 0.95f, 0.24f))),
        new("crescent", (x, y) => MathF.Max(Length(x, y) - 0.95f, 0.75f - Length(x - 0.5f, y))),
        new("star", (x, y) => 0.6f * (MathF.Sqrt(MathF.Abs(x)) + MathF.Sqrt(MathF.Abs(y)) - 1)),
        new("bars", (x, y) => Box(x, MathF.Abs(y) - 0.5f, 0.8f, 0.2f)),
        new("dots", (x, y) => MathF.Min(Length(x, y - 0.58f), Length(MathF.Abs(x) - 0.5f, y + 0.29f)) - 0.36f),
    ];

    private static float Length(float x, float y) => MathF.Sqrt((x * x) + (y * y));

    private static float Box(float x, float y, float width, float height) =>
        MathF.Max(MathF.Abs(x) - width, MathF.Abs(y) - height);
}
