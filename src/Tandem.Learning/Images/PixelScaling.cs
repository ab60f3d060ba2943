namespace Tandem.Learning.Images;

/// <summary>
/// What a network expects pixel values to be: (sample * Scale - Mean[c]) / Deviation[c], with the sample in 0..255 and c
/// counted red, green, blue.
/// </summary>
/// <param name="Name">The name a user gives it.</param>
/// <param name="Scale">What samples are multiplied by.</param>
/// <param name="Mean">What is then subtracted: red, green, blue.</param>
/// <param name="Deviation">What is then divided by: red, green, blue.</param>
public sealed record PixelScaling(string Name, float Scale, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>0..255, as the file has it.</summary>
    public static PixelScaling Raw { get; } = new("raw", 1, [0, 0, 0], [1, 1, 1]);

    /// <summary>0..1.</summary>
    public static PixelScaling Unit { get; } = new("unit", 1f / 255, [0, 0, 0], [1, 1, 1]);

    /// <summary>About -1..1: (sample - 127) / 128, as face detectors expect.</summary>
    public static PixelScaling Signed { get; } = new("signed", 1, [127, 127, 127], [128, 128, 128]);

    /// <summary>0..1, then minus the mean and over the deviation of ImageNet's pictures.</summary>
    public static PixelScaling ImageNet { get; } =
        new("imagenet", 1f / 255, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Every scaling that has a name.</summary>
    public static IReadOnlyList<PixelScaling> All { get; } = [Raw, Unit, Signed, ImageNet];

    /// <summary>Finds a scaling by its name, in any case.</summary>
    /// <exception cref="ImageException">There is none of that name; the message lists them.</exception>
    public static PixelScaling Named(string name) =>
        All.FirstOrDefault(scaling => scaling.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ImageException(
            $"'{name}' is not a pixel scaling; use {string.Join(", ", All.Select(scaling => scaling.Name))}");

    /// <summary>The same as sample * Factor + Offset, for channel 0 (red), 1 (green) or 2 (blue).</summary>
    internal (float Factor, float Offset) Affine(int channel) =>
        (Scale / Deviation[channel], -Mean[channel] / Deviation[channel]);
}
