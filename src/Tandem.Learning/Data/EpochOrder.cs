namespace Tandem.Learning.Data;

/// <summary>The order in which an epoch goes through a data set: every image once.</summary>
public static class EpochOrder
{
    // Tells these numbers from those of augmentation, which are named by seed and epoch as well.
    private const ulong Purpose = 0x6F72646572;

    /// <summary>Writes an epoch's order.</summary>
    /// <param name="order">Takes the indices of the images, as many as there are.</param>
    /// <param name="seed">Names the order, with the epoch; null for that of the data set.</param>
    /// <param name="epoch">The pass through the data set.</param>
    public static void Fill(Span<int> order, ulong? seed, int epoch)
    {
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        if (seed is { } named)
        {
            new RandomSequence(named ^ Purpose, (ulong)epoch).Shuffle(order);
        }
    }
}
