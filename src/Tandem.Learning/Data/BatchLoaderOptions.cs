namespace Tandem.Learning.Data;

/// <summary>How batches are made of a data set.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>The images of a batch, at least 1.</summary>
    /// <value>128.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>Says in which order images come and how they are changed.</summary>
    /// <value>0.</value>
    public ulong Seed { get; init; }

    /// <summary>Whether each epoch has an order of its own; else images come in the order of the data set.</summary>
    /// <value>true.</value>
    public bool Shuffles { get; init; } = true;

    /// <summary>What becomes of the images at an epoch's end that do not fill a batch.</summary>
    /// <value>They are dropped.</value>
    public LastBatch LastBatch { get; init; } = LastBatch.Drop;

    /// <summary>The last epoch is the one before this; null for no end.</summary>
    /// <value>null.</value>
    public int? Epochs { get; init; }

    /// <summary>How many batches are made ahead of the one in use, at least 1. Each takes memory of its own.</summary>
    /// <value>2.</value>
    public int PrefetchedBatches { get; init; } = 2;

    /// <summary>Each image once in the data set's order, the last batch filled up: for measuring accuracy.</summary>
    public static BatchLoaderOptions ForEvaluation(int batchSize) =>
        new() { BatchSize = batchSize, Shuffles = false, LastBatch = LastBatch.Pad, Epochs = 1 };

    /// <summary>The batches of an epoch of so many images.</summary>
    internal int BatchesPerEpoch(int images) => LastBatch == LastBatch.Pad ? (images - 1) / BatchSize + 1 : images / BatchSize;

    /// <summary>Refuses options that are out of range or do not suit a data set.</summary>
    /// <exception cref="DatasetException">One is; the message says which.</exception>
    internal void Check(int images, BatchPosition start)
    {
        if (BatchSize < 1)
        {
            throw new DatasetException($"a batch of {BatchSize} images is too small: use at least 1");
        }
        if (PrefetchedBatches < 1)
        {
            throw new DatasetException($"{PrefetchedBatches} prefetched batches are too few: use at least 1");
        }
        int batches = BatchesPerEpoch(images);
        if (batches == 0)
        {
            throw new DatasetException($"{images} images do not fill a batch of {BatchSize}: use smaller batches, or pad the last");
        }
        if (start.Epoch < 0 || start.Batch < 0 || start.Batch >= batches)
        {
            throw new DatasetException($"training cannot go on at batch {start.Batch} of epoch {start.Epoch}: "
                + $"an epoch of {images} images has {batches} batches of {BatchSize}; use the data and batch size that it began with");
        }
    }
}
