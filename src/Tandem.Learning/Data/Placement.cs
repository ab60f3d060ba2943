namespace Tandem.Learning.Data;

/// <summary>Where a shape lies in an image, how large it is and how it is turned. Units are pixels.</summary>
internal readonly struct Placement
{
    private readonly float _cos;
    private readonly float _sin;

    private Placement(float centreX, float centreY, float radius, ref RandomSequence random)
    {
        CentreX = centreX;
        CentreY = centreY;
        Radius = radius;
        // A point of the unit disc, drawn until it is one, gives an angle without the machine's sine.
        float square;
        do
        {
            _cos = random.Between(-1, 1);
            _sin = random.Between(-1, 1);
            square = (_cos * _cos) + (_sin * _sin);
        }
        while (square is > 1 or < 0.01f);
        float length = MathF.Sqrt(square);
        _cos /= length;
        _sin /= length;
    }

    internal float CentreX { get; }

    internal float CentreY { get; }

    internal float Radius { get; }

    /// <summary>A random place in an image of this many pixels on a side, at most <paramref name="outside"/> of the radius beyond its edge.</summary>
    internal static Placement Draw(ref RandomSequence random, int side, float leastRadius, float mostRadius, float outside)
    {
        float radius = random.Between(leastRadius, mostRadius);
        float margin = radius * (1 - outside);
        return new Placement(random.Between(margin, side - margin), random.Between(margin, side - margin), radius, ref random);
    }

    /// <summary>A pixel's place in the shape's own coordinates, in which its radius is 1.</summary>
    internal (float X, float Y) Local(int column, int row)
    {
        float x = column + 0.5f - CentreX;
        float y = row + 0.5f - CentreY;
        return (((x * _cos) + (y * _sin)) / Radius, ((y * _cos) - (x * _sin)) / Radius);
    }
}
