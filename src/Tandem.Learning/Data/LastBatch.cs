namespace Tandem.Learning.Data;

/// <summary>What becomes of the images at an epoch's end that do not fill a batch.</summary>
public enum LastBatch
{
    /// <summary>They are left out; in the next epoch others are.</summary>
    Drop,

    /// <summary>The batch is filled up with the images that the epoch began with; <see cref="Data.Batch.Count"/> says how many are new.</summary>
    Pad,
}
