namespace Tandem.Learning.Data;

/// <summary>Fills batches: which images they hold and how they are changed follows from the options and their position alone.</summary>
internal sealed class BatchWriter
{
    private readonly ILabelledImages _images;
    private readonly Augmentation _augmentation;
    private readonly BatchLoaderOptions _options;
    private readonly int[] _order;
    private readonly byte[] _scratch;
    private int _orderedEpoch = -1;

    internal BatchWriter(ILabelledImages images, Augmentation augmentation, BatchLoaderOptions options)
    {
        _images = images;
        _augmentation = augmentation;
        _options = options;
        _order = new int[images.Count];
        _scratch = new byte[Augmentation.ScratchBytes(images.Shape)];
    }

    /// <summary>Fills a batch; gives up between two images when it is to stop, and then returns false.</summary>
    internal bool Write(Batch batch, BatchPosition position, ref bool stops)
    {
        Order(position.Epoch);
        int first = position.Batch * batch.Size;
        int size = _images.Shape.SampleCount;
        Span<float> numbers = batch.Images.AsSpan<float>();
        Span<long> labels = batch.Labels.AsSpan<long>();
        for (int i = 0; i < batch.Size; i++)
        {
            if (Volatile.Read(ref stops))
            {
                return false;
            }
            int index = _order[(first + i) % _order.Length];
            _augmentation.Apply(_images, index, _options.Seed, position.Epoch, numbers.Slice(i * size, size), _scratch);
            labels[i] = _images.LabelOf(index);
            batch.WritableIndices[i] = index;
        }
        batch.Count = Math.Min(batch.Size, _order.Length - first);
        batch.Position = position;
        return true;
    }

    private void Order(int epoch)
    {
        if (epoch == _orderedEpoch)
        {
            return;
        }
        EpochOrder.Fill(_order, _options.Shuffles ? _options.Seed : null, epoch);
        _orderedEpoch = epoch;
    }
}
