using System.Numerics;

namespace Tandem.Learning.Data;

/// <summary>
/// Labelled images that the program draws itself, so that a machine without data can train and test: one of ten shapes, at any
/// place, size, angle, colour and pattern, over small clutter on an uneven ground, with noise. Colours, means and single pixels tell
/// little about the class. An image depends on the seed and its index only, is drawn when it is read (some tens of
/// microseconds), and is the same on every machine.
/// </summary>
public sealed class ProceduralImages : ILabelledImages
{
    private const int Side = 32;
    private const int MostClutter = 4;
    private const float Contrast = 80;
    private const float NoiseLevels = 0.07f;

    private readonly ulong _seed;

    /// <summary>Describes a set; nothing is drawn yet.</summary>
    /// <param name="count">The number of images; at least one for each class.</param>
    /// <param name="seed">Other seeds give other images, so train and test with different ones.</param>
    /// <exception cref="DatasetException">There are fewer images than classes.</exception>
    public ProceduralImages(int count, ulong seed)
    {
        if (count < ClassNames.Count)
        {
            throw new DatasetException($"{count} images are too few for {ClassNames.Count} classes: ask for at least {ClassNames.Count}");
        }
        Count = count;
        _seed = seed;
    }

    /// <summary>The names of the ten classes.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = [.. Outline.All.Select(outline => outline.Name)];

    /// <inheritdoc/>
    public ImageShape Shape { get; } = new(3, Side, Side);

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => ClassNames;

    /// <inheritdoc/>
    /// <remarks>Classes take turns, so they differ by at most one image.</remarks>
    public int LabelOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return index % ClassNames.Count;
    }

    /// <inheritdoc/>
    public void Read(int index, Span<byte> samples)
    {
        Outline shape = Outline.All[LabelOf(index)];
        var random = new RandomSequence(_seed, (ulong)index);
        Span<Vector3> pixels = stackalloc Vector3[Side * Side];
        Vector3 ground = PaintGround(pixels, ref random);
        for (int i = random.Next(MostClutter + 1); i > 0; i--)
        {
            Outline clutter = Outline.All[random.Next(Outline.All.Count)];
            var small = Placement.Draw(ref random, Side, 1.5f, 3, outside: 0.5f);
            PaintShape(pixels, clutter, small, Paint.Draw(ref random));
        }
        var large = Placement.Draw(ref random, Side, 8, 13, outside: 0.1f);
        PaintShape(pixels, shape, large, Paint.Draw(ref random, ground, Contrast));
        Quantise(pixels, samples, ref random);
    }

    /// <summary>A colour that changes evenly across the image and in waves; returns its middle.</summary>
    private static Vector3 PaintGround(Span<Vector3> pixels, ref RandomSequence random)
    {
        Vector3 colour = Paint.Colour(ref random);
        var acrossColumns = new Vector3(random.Between(-1, 1), random.Between(-1, 1), random.Between(-1, 1));
        var acrossRows = new Vector3(random.Between(-1, 1), random.Between(-1, 1), random.Between(-1, 1));
        var wave = new Vector3(random.Between(-15, 15));
        float columnFrequency = random.Between(-0.15f, 0.15f);
        float rowFrequency = random.Between(-0.15f, 0.15f);
        for (int i = 0; i < pixels.Length; i++)
        {
            int column = i % Side;
            int row = i / Side;
            float phase = (column * columnFrequency) + (row * rowFrequency);
            float triangle = MathF.Abs(phase - MathF.Floor(phase) - 0.5f) - 0.25f;
            pixels[i] = colour + (acrossColumns * (column - (Side / 2))) + (acrossRows * (row - (Side / 2))) + (wave * (4 * triangle));
        }
        return colour;
    }

    private static void PaintShape(Span<Vector3> pixels, Outline shape, Placement place, Paint paint)
    {
        int left = Math.Max(0, (int)(place.CentreX - place.Radius - 1));
        int right = Math.Min(Side - 1, (int)(place.CentreX + place.Radius + 1));
        int top = Math.Max(0, (int)(place.CentreY - place.Radius - 1));
        int bottom = Math.Min(Side - 1, (int)(place.CentreY + place.Radius + 1));
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                (float x, float y) = place.Local(column, row);
                float cover = Math.Clamp(0.5f - (shape.Distance(x, y) * place.Radius), 0, 1);
                ref Vector3 pixel = ref pixels[(row * Side) + column];
                pixel += (paint.At(x, y) - pixel) * cover;
            }
        }
    }

    /// <summary>Adds noise (a triangular distribution, from two bytes for each sample) and rounds to planes of bytes.</summary>
    private static void Quantise(ReadOnlySpan<Vector3> pixels, Span<byte> samples, ref RandomSequence random)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            ulong bits = random.NextBits();
            for (int channel = 0; channel < 3; channel++)
            {
                int noise = (int)(bits & 0xFF) - (int)((bits >> 8) & 0xFF);
                float level = pixels[i][channel] + (noise * NoiseLevels) + 0.5f;
                samples[(channel * pixels.Length) + i] = (byte)Math.Clamp(level, 0, 255);
                bits >>= 16;
            }
        }
    }
}
