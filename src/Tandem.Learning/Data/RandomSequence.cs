namespace Tandem.Learning.Data;

/// <summary>
/// Random numbers that are the same on every machine and version: SplitMix64 (Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", OOPSLA 2014). A sequence is named by numbers, such as seed, epoch and index, so that no
/// sequence depends on how many numbers were drawn from another.
/// </summary>
public struct RandomSequence
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>The sequence of this name; different names give unrelated sequences.</summary>
    public RandomSequence(ulong seed, ulong first = 0, ulong second = 0) =>
        _state = Mix(Mix(Mix(seed) + first + Increment) + second + Increment);

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Increment);

    /// <summary>A whole number from 0 to <paramref name="bound"/> - 1, by multiplication and rejection (Lemire 2019), so without bias.</summary>
    /// <param name="bound">At least 1.</param>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong threshold = unchecked(0UL - (ulong)bound) % (ulong)bound;
        while (true)
        {
            ulong high = Math.BigMul(NextBits(), (ulong)bound, out ulong low);
            if (low >= threshold)
            {
                return (int)high;
            }
        }
    }

    /// <summary>A number in [0, 1).</summary>
    public float NextSingle() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>A number in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public float Between(float from, float to) => from + ((to - from) * NextSingle());

    /// <summary>Shuffles items in place, every order equally likely (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int other = Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
