namespace Tandem.Learning.Data;

/// <summary>A place in training; with the loader's options it says which images come next and how they are changed.</summary>
/// <param name="Epoch">The pass through the data set, from 0.</param>
/// <param name="Batch">The batch of the pass, from 0.</param>
public readonly record struct BatchPosition(int Epoch, int Batch)
{
    /// <summary>The place after this one.</summary>
    public BatchPosition Next(int batchesPerEpoch) => Batch + 1 < batchesPerEpoch ? this with { Batch = Batch + 1 } : new(Epoch + 1, 0);
}
