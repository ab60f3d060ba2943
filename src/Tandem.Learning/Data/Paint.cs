using System.Numerics;

namespace Tandem.Learning.Data;

/// <summary>Two colours (red, green, blue, 0..255) and the pattern in which they alternate: plain, stripes or a checkerboard.</summary>
internal readonly struct Paint
{
    private const int Patterns = 3;

    private readonly Vector3 _first;
    private readonly Vector3 _second;
    private readonly int _pattern;
    private readonly float _frequency;

    private Paint(Vector3 first, Vector3 second, ref RandomSequence random)
    {
        _first = first;
        _second = second;
        _pattern = random.Next(Patterns);
        _frequency = random.Between(1.5f, 3f);
    }

    /// <summary>Any colours.</summary>
    internal static Paint Draw(ref RandomSequence random)
    {
        Vector3 first = Colour(ref random);
        return new Paint(first, Near(first, ref random), ref random);
    }

    /// <summary>Colours whose first is lighter or darker than another by a number of levels.</summary>
    internal static Paint Draw(ref RandomSequence random, Vector3 ground, float contrast)
    {
        Vector3 first;
        do
        {
            first = Colour(ref random);
        }
        while (MathF.Abs(Luma(first) - Luma(ground)) < contrast);
        return new Paint(first, Near(first, ref random), ref random);
    }

    /// <summary>A colour, each of its channels in 0..255.</summary>
    internal static Vector3 Colour(ref RandomSequence random) =>
        new(random.Between(0, 255), random.Between(0, 255), random.Between(0, 255));

    /// <summary>The colour at a point of the shape's own coordinates.</summary>
    internal Vector3 At(float x, float y)
    {
        bool isSecond = _pattern switch
        {
            1 => IsOdd(x),
            2 => IsOdd(x) != IsOdd(y),
            _ => false,
        };
        return isSecond ? _second : _first;
    }

    private bool IsOdd(float at) => ((int)MathF.Floor(at * _frequency) & 1) != 0;

    private static Vector3 Near(Vector3 colour, ref RandomSequence random) =>
        colour + new Vector3(random.Between(-45, 45), random.Between(-45, 45), random.Between(-45, 45));

    private static float Luma(Vector3 colour) => (0.299f * colour.X) + (0.587f * colour.Y) + (0.114f * colour.Z);
}
