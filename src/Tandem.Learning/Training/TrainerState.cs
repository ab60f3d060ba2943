using System.Text;
using Tandem.Learning.Data;

namespace Tandem.Learning.Training;

/// <summary>What a trainer keeps in a checkpoint beside the session's tensors.</summary>
/// <param name="Next">The batch that comes next.</param>
/// <param name="Totals">What the epoch that goes on has come to.</param>
/// <param name="Seconds">Time since the very beginning.</param>
/// <param name="Recipe">What training must agree in to go on from here.</param>
internal sealed record TrainerState(BatchPosition Next, EpochTotals Totals, double Seconds, string Recipe)
{
    private const int Version = 1;

    /// <summary>As bytes.</summary>
    public byte[] Serialize()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            writer.Write(Version);
            writer.Write(Next.Epoch);
            writer.Write(Next.Batch);
            writer.Write(Totals.LossSum);
            writer.Write(Totals.Correct);
            writer.Write(Totals.Images);
            writer.Write(Seconds);
            writer.Write(Recipe);
        }
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Serialize"/> has written; null where it is something else.</summary>
    public static TrainerState? Parse(ReadOnlyMemory<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        try
        {
            return reader.ReadInt32() != Version ? null : new TrainerState(
                new BatchPosition(reader.ReadInt32(), reader.ReadInt32()),
                new EpochTotals(reader.ReadDouble(), reader.ReadInt64(), reader.ReadInt64()), reader.ReadDouble(), reader.ReadString());
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }
}

/// <summary>Sums over the images that an epoch has trained on so far.</summary>
internal readonly record struct EpochTotals(double LossSum, long Correct, long Images)
{
    /// <summary>The mean loss.</summary>
    public double Loss => LossSum / Images;

    /// <summary>The share that is classified correctly.</summary>
    public double Accuracy => (double)Correct / Images;

    /// <summary>With one more batch.</summary>
    public EpochTotals With(double meanLoss, int correct, int images) =>
        new(LossSum + (meanLoss * images), Correct + correct, Images + images);
}
