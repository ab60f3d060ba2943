using Tandem.Graphs;
using Tandem.Learning.Data;
using Tandem.Learning.Metrics;

namespace Tandem.Learning.Training;

/// <summary>
/// Trains a session on data, epoch after epoch, validating after each. Everything random follows from seed and position, so a run that
/// is interrupted at any step and goes on from its checkpoint ends with bit for bit the same weights.
/// </summary>
public sealed class Trainer
{
    private readonly TrainingSession _session;
    private readonly ITrainingObjective _objective;
    private readonly ILearningRateSchedule _schedule;
    private readonly TrainingData _data;
    private readonly TrainerOptions _options;
    private readonly Tensor _input;
    private readonly OutputTally _main;
    private readonly BatchLoaderOptions _batches;
    private readonly int _batchesPerEpoch;

    private BatchPosition _next;
    private EpochTotals _totals;
    private double _secondsBefore;
    private string? _kept;

    /// <summary>Prepares training from the session's present weights.</summary>
    /// <param name="session">What is trained; its batch is that of the network.</param>
    /// <param name="objective">The objective that the session's graph was built with.</param>
    /// <param name="schedule">The learning rate of each step.</param>
    /// <param name="data">The data.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="TrainingException">Options are out of range, or network and data do not fit.</exception>
    /// <exception cref="DatasetException">The images do not fill a batch.</exception>
    public Trainer(
        TrainingSession session, ITrainingObjective objective, ILearningRateSchedule schedule, TrainingData data, TrainerOptions? options = null)
    {
        (_session, _objective, _schedule, _data) = (session, objective, schedule, data);
        _options = options ?? new TrainerOptions();
        if (_options.Epochs < 1)
        {
            throw new TrainingException($"{_options.Epochs} epochs are too few; train for at least 1");
        }
        Graph network = session.Graph.Forward;
        Outputs = _options.Outputs ?? [.. network.Outputs.Where(Logits.AreScores).Select(output => output.Name)];
        _input = ImageInput.Of(network, data.Training, Outputs);
        ImageInput.Of(network, data.Validation, Outputs);
        _main = new OutputTally(session, Outputs[^1]);
        _batches = new BatchLoaderOptions { BatchSize = (int)_input.Shape[0], Seed = _options.Seed, Epochs = _options.Epochs };
        _batchesPerEpoch = _batches.BatchesPerEpoch(data.Training.Count);
        _batches.Check(data.Training.Count, default);
    }

    /// <summary>The outputs whose accuracy is measured; the last is the network's own answer.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The names of what metrics tell beyond the usual: the accuracy of each output but the last.</summary>
    public IReadOnlyList<string> FurtherMetrics => [.. Enumerable.Range(1, Outputs.Count - 1).Select(exit => $"exit_{exit}_accuracy")];

    /// <summary>Steps that all epochs have.</summary>
    public long TotalSteps => (long)_options.Epochs * _batchesPerEpoch;

    /// <summary>Epochs done, with the part of the one that goes on.</summary>
    public double EpochsDone => _next.Epoch + ((double)_next.Batch / _batchesPerEpoch);

    /// <summary>Goes on from the checkpoint of an earlier run. The learning rate and the number of epochs may have changed.</summary>
    /// <exception cref="TrainingException">It cannot be read, or is of another network, optimiser, data or recipe.</exception>
    public void Resume(string path)
    {
        Checkpoint checkpoint = CheckpointFile.Load(path);
        TrainerState state = TrainerState.Parse(checkpoint.RandomState)
            ?? throw new TrainingException($"checkpoint '{path}' does not say where training was; begin anew");
        if (state.Recipe != Recipe)
        {
            throw new TrainingException($"checkpoint '{path}' is of training with {state.Recipe}, not with {Recipe}; "
                + "train as then, name another checkpoint, or begin anew");
        }
        _session.Restore(checkpoint);
        (_next, _totals, _secondsBefore, _kept) = (state.Next, state.Totals, state.Seconds, path);
    }

    /// <summary>Trains to the end of the last epoch.</summary>
    /// <param name="cancellation">Ends training after the step that goes on; the checkpoint is written first.</param>
    /// <exception cref="TrainingDivergedException">The loss is no number; the last good checkpoint is kept.</exception>
    /// <exception cref="OperationCanceledException">Training was interrupted.</exception>
    /// <exception cref="TandemException">A file cannot be read or written.</exception>
    public TrainingResult Run(CancellationToken cancellation = default)
    {
        using MetricsFile? metrics = OpenMetrics();
        using var loader = new BatchLoader(_data.Training, _data.Augmentation, _batches, _next);
        var run = new TrainingRun(_secondsBefore, Math.Max(0, TotalSteps - _session.Steps) * _batches.BatchSize);
        IReadOnlyList<OutputScore>? scores = null;
        try
        {
            while (true)
            {
                if (_next.Batch == 0 && _totals.Images > 0)
                {
                    scores = EndEpoch(run, metrics, cancellation);
                }
                cancellation.ThrowIfCancellationRequested();
                if (loader.Next() is not { } batch)
                {
                    break;
                }
                Step(batch, run, metrics);
                _next = loader.Position;
            }
            scores ??= Validate(cancellation);
        }
        catch (OperationCanceledException)
        {
            Save(run);
            throw;
        }
        catch (TrainingDivergedException e) when (_kept is not null)
        {
            throw new TrainingDivergedException(e, _kept);
        }
        return new TrainingResult(_session.Steps, run.Seconds, run.ImagesPerSecond, scores);
    }

    private string Recipe => $"seed {_options.Seed}, batch {_batches.BatchSize}, {_data.Training.Count} images"
        + (_options.Recipe.Length > 0 ? $", {_options.Recipe}" : "");

    private double Progress => Math.Min(1, (double)_session.Steps / TotalSteps);

    private void Step(Batch batch, TrainingRun run, MetricsFile? metrics)
    {
        long started = run.Timestamp;
        double rate = _schedule.At(_session.Steps);
        ImageInput.Fill(_session, _input, batch);
        _objective.BeginStep(_session, Progress);
        float loss = _session.Step(rate);
        int correct = _main.Correct(batch.Labels.AsSpan<long>()[..batch.Count]);
        _totals = _totals.With(loss, correct, batch.Count);
        run.Add(loss, correct, batch.Count, started);
        _options.StepDone?.Invoke(new TrainingStatus(
            batch.Position.Epoch + 1, _options.Epochs, _session.Steps, TotalSteps, rate, _totals.Loss, _totals.Accuracy,
            run.Recent.ImagesPerSecond, run.Recent.Remaining));
        if (metrics is not null && _session.Steps % _options.StepsPerRow == 0)
        {
            BatchPosition next = batch.Position.Next(_batchesPerEpoch);
            metrics.Write(new MetricsRow(MetricsKind.Steps, next.Epoch + ((double)next.Batch / _batchesPerEpoch), _session.Steps)
            {
                LearningRate = rate,
                TrainingLoss = run.Recent.Loss,
                TrainingAccuracy = run.Recent.Accuracy,
                ImagesPerSecond = run.Recent.ImagesPerSecond,
                Seconds = run.Seconds,
                Further = new double?[metrics.Kept.FurtherColumns.Count],
            });
            run.Recent.Restart();
        }
    }

    private IReadOnlyList<OutputScore> EndEpoch(TrainingRun run, MetricsFile? metrics, CancellationToken cancellation)
    {
        RequireFinite();
        IReadOnlyList<OutputScore> scores = Validate(cancellation);
        var row = new MetricsRow(MetricsKind.Epoch, _next.Epoch, _session.Steps)
        {
            LearningRate = _schedule.At(_session.Steps - 1),
            TrainingLoss = _totals.Loss,
            TrainingAccuracy = _totals.Accuracy,
            ValidationLoss = scores[^1].Loss,
            ValidationAccuracy = scores[^1].Accuracy,
            ImagesPerSecond = run.ImagesPerSecond,
            Seconds = run.Seconds,
            Further = [.. scores.SkipLast(1).Select(score => (double?)score.Accuracy)],
        };
        metrics?.Write(row);
        _totals = default;
        Save(run);
        _options.EpochDone?.Invoke(row);
        return scores;
    }

    private IReadOnlyList<OutputScore> Validate(CancellationToken cancellation) => Evaluator.Evaluate(
        _session, _objective, Progress, _data.Validation, Augmentation.None(_data.Augmentation.Scaling), Outputs, cancellation);

    private void Save(TrainingRun run)
    {
        if (_options.CheckpointPath is not { } path)
        {
            return;
        }
        RequireFinite();
        CheckpointFile.Save(_session.Capture(new TrainerState(_next, _totals, run.Seconds, Recipe).Serialize()), path);
        _kept = path;
    }

    /// <summary>A step with a loss that is a number may still leave weights that are none: no good checkpoint is replaced by those.</summary>
    private void RequireFinite()
    {
        if (_session.Steps > 0 && !_session.IsFinite)
        {
            throw new TrainingDivergedException(_session.Steps - 1, _schedule.At(_session.Steps - 1), float.NaN);
        }
    }

    private MetricsFile? OpenMetrics() => _options.MetricsPath is not { } path ? null
        : _session.Steps > 0 ? MetricsFile.Resume(path, FurtherMetrics, _session.Steps)
        : MetricsFile.Create(path, FurtherMetrics);
}
