using System.Runtime.ExceptionServices;

namespace Tandem.Learning.Data;

/// <summary>
/// Makes batches of a data set on a thread of its own, a few ahead of the one in use. Which images a batch holds and how they are
/// changed follows from options and position alone, so training that begins again at a position gets bit for bit the batches that it
/// would have got. Nothing managed is allocated for a batch. For one consumer: <see cref="Next"/> and <see cref="Dispose"/> are called by
/// one thread at a time.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    private readonly BatchLoaderOptions _options;
    private readonly BatchWriter _writer;
    private readonly Batch[] _ring;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;

    // Guarded by _gate. Batch n lies in the ring at n modulo its length.
    private long _made;
    private long _taken;
    private long _returned;
    private bool _isDone;
    private ExceptionDispatchInfo? _failure;
    private bool _isFailureTold;
    private bool _isDisposed;

    // Read by the thread between images as well.
    private bool _stops;

    /// <summary>Starts making batches.</summary>
    /// <param name="images">The data set; it must stay usable as long as the loader.</param>
    /// <param name="augmentation">What happens to images on the way.</param>
    /// <param name="options">How batches are made.</param>
    /// <param name="start">The first batch: that of a checkpoint, or the very first.</param>
    /// <param name="cancellation">Ends the making, and waiting for, batches.</param>
    /// <exception cref="DatasetException">Options are out of range, or an epoch of this data set has no such batch.</exception>
    public BatchLoader(
        ILabelledImages images, Augmentation augmentation, BatchLoaderOptions options, BatchPosition start = default,
        CancellationToken cancellation = default)
    {
        options.Check(images.Count, start);
        _options = options;
        _writer = new BatchWriter(images, augmentation, options);
        BatchesPerEpoch = options.BatchesPerEpoch(images.Count);
        Position = start;
        // One is in use while the others are made.
        _ring = new Batch[options.PrefetchedBatches + 1];
        for (int i = 0; i < _ring.Length; i++)
        {
            _ring[i] = new Batch(options.BatchSize, images.Shape);
        }
        _cancellation = cancellation;
        _thread = new Thread(() => MakeAll(start)) { IsBackground = true, Name = "batch loader" };
        _registration = cancellation.UnsafeRegister(static loader => ((BatchLoader)loader!).Stop(), this);
        _thread.Start();
    }

    /// <summary>The batches of one pass through the data set.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>The batch that <see cref="Next"/> gives next: where training goes on after a checkpoint.</summary>
    public BatchPosition Position { get; private set; }

    /// <summary>
    /// Waits for the next batch. The one before is the loader's again, so it must not be in use any more.
    /// </summary>
    /// <returns>The batch; null after the last epoch.</returns>
    /// <exception cref="OperationCanceledException">The token that the loader was made with is cancelled.</exception>
    /// <exception cref="InvalidOperationException">An exception of the loader's thread was thrown already.</exception>
    /// <remarks>An exception of the loader's thread is thrown here, once, after the batches that were made before it.</remarks>
    public Batch? Next()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _returned = _taken;
            Monitor.PulseAll(_gate);
            while (_made == _taken && !_isDone && !_stops)
            {
                Monitor.Wait(_gate);
            }
            _cancellation.ThrowIfCancellationRequested();
            if (_made == _taken)
            {
                ThrowFailure();
                return null;
            }
            Batch batch = _ring[_taken++ % _ring.Length];
            Position = batch.Position.Next(BatchesPerEpoch);
            return batch;
        }
    }

    /// <summary>Ends the thread and frees all batches.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }
        _registration.Dispose();
        Stop();
        _thread.Join();
        _isDisposed = true;
        foreach (Batch batch in _ring)
        {
            batch.Free();
        }
    }

    private void ThrowFailure()
    {
        if (_isFailureTold)
        {
            throw new InvalidOperationException("the loader has failed before: make a new one");
        }
        if (_failure is not null)
        {
            _isFailureTold = true;
            _failure.Throw();
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            Volatile.Write(ref _stops, true);
            Monitor.PulseAll(_gate);
        }
    }

    private void MakeAll(BatchPosition position)
    {
        ExceptionDispatchInfo? failure = null;
        try
        {
            while (position.Epoch < (_options.Epochs ?? int.MaxValue) && WaitForRoom() is { } batch
                && _writer.Write(batch, position, ref _stops))
            {
                lock (_gate)
                {
                    _made++;
                    Monitor.PulseAll(_gate);
                }
                position = position.Next(BatchesPerEpoch);
            }
        }
        catch (Exception error)
        {
            // Whatever it is, it is thrown where the batch is waited for.
            failure = ExceptionDispatchInfo.Capture(error);
        }
        lock (_gate)
        {
            _failure = failure;
            _isDone = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The batch to fill next; null when the loader is to stop.</summary>
    private Batch? WaitForRoom()
    {
        lock (_gate)
        {
            while (_made - _returned == _ring.Length && !_stops)
            {
                Monitor.Wait(_gate);
            }
            return _stops ? null : _ring[_made % _ring.Length];
        }
    }
}
