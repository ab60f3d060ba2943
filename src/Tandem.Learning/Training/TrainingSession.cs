using Tandem.Graphs;
using Tandem.Learning.Training.Blocked;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Training;

/// <summary>
/// Runs training steps. Weights and optimiser state stay in native memory, in two versions: a step reads one and writes the other, so
/// that nothing is copied between steps and a step that fails changes nothing. Used by one thread at a time.
/// </summary>
public sealed class TrainingSession : IDisposable
{
    private readonly StateSet[] _states;
    private readonly Dictionary<string, OrtValue> _fed;
    private readonly Dictionary<string, OrtValue> _made;
    private readonly OrtValue _learningRate;
    private readonly OrtValue _stepNumber;
    private readonly RunOptions _runOptions = new();
    private readonly BoundGraph _step;
    private readonly BoundGraph _evaluation;
    private int _current;

    /// <summary>Opens a session at the first step.</summary>
    /// <param name="graph">What is trained.</param>
    /// <param name="threads">Threads that share the work of one operator, the calling thread among them; 0 for one per core.</param>
    /// <param name="keepsLayout">
    /// Whether images stay in the layout of the graph; by default they are laid out as this machine computes fastest, where that is known.
    /// </param>
    /// <exception cref="Processors.ProcessorFailedException">ONNX Runtime's native library is missing, or refuses the graph.</exception>
    public TrainingSession(TrainingGraph graph, int threads = 0, bool keepsLayout = false)
    {
        Graph = graph;
        Func<Graph, Graph> lay = !keepsLayout && BlockedLayout.IsSupported ? BlockedLayout.Apply : plain => plain;
        _states = [new StateSet(graph.States), new StateSet(graph.States)];
        _fed = graph.Fed.ToDictionary(input => input.Name, Allocate);
        _made = graph.Forward.Outputs.ToDictionary(output => output.Name, Allocate);
        _made[graph.Loss] = Allocate(graph.Step.Tensors[graph.Loss]);
        _learningRate = Allocate(graph.Step.Tensors[TrainingGraph.LearningRate]);
        _stepNumber = Allocate(graph.Step.Tensors[TrainingGraph.StepNumber]);
        var inputs = new Dictionary<string, OrtValue>(_fed)
        {
            [TrainingGraph.LearningRate] = _learningRate,
            [TrainingGraph.StepNumber] = _stepNumber,
        };
        _step = new BoundGraph(lay(graph.Step), threads, inputs, _made, _states, updates: true);
        var evaluated = new Dictionary<string, OrtValue>(_made);
        evaluated.Remove(graph.Loss);
        evaluated[graph.EvaluationLoss] = _made[graph.Loss];
        _evaluation = new BoundGraph(lay(graph.Evaluation), threads, inputs, evaluated, _states, updates: false);
    }

    /// <summary>What is trained.</summary>
    public TrainingGraph Graph { get; }

    /// <summary>Steps done so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Whether all weights and other state are numbers.</summary>
    public bool IsFinite => _states[_current].IsFinite;

    /// <summary>The memory of an input that the caller fills before each step, in row-major order.</summary>
    /// <param name="name">One of <see cref="TrainingGraph.Fed"/>.</param>
    public Span<T> Input<T>(string name) where T : unmanaged => Find(_fed, name).GetTensorMutableDataAsSpan<T>();

    /// <summary>An output of the network from the last step or evaluation. Valid until the next.</summary>
    public ReadOnlySpan<float> Output(string name) => Find(_made, name).GetTensorDataAsSpan<float>();

    /// <summary>Does one step on what the inputs hold. Allocates no managed memory.</summary>
    /// <param name="learningRate">The step's learning rate.</param>
    /// <returns>The loss before the step.</returns>
    /// <exception cref="TrainingDivergedException">The loss is no number; the weights are as before.</exception>
    /// <exception cref="OnnxRuntimeException">An input does not fit, such as a label out of range; the weights are as before.</exception>
    public float Step(double learningRate)
    {
        _learningRate.GetTensorMutableDataAsSpan<float>()[0] = (float)learningRate;
        _stepNumber.GetTensorMutableDataAsSpan<double>()[0] = Steps + 1;
        _step.Run(_runOptions, _current);
        float loss = Loss;
        if (!float.IsFinite(loss))
        {
            throw new TrainingDivergedException(Steps, learningRate, loss);
        }
        _current = 1 - _current;
        Steps++;
        return loss;
    }

    /// <summary>Runs the network as at inference on what the inputs hold, with the weights as they are now.</summary>
    /// <returns>The loss.</returns>
    /// <exception cref="OnnxRuntimeException">An input does not fit, such as a label out of range.</exception>
    public float Evaluate()
    {
        _evaluation.Run(_runOptions, _current);
        return Loss;
    }

    /// <summary>All that is needed to go on later as if nothing had been between.</summary>
    /// <param name="randomState">What the caller needs to repeat its own random choices, such as the data's order.</param>
    public Checkpoint Capture(ReadOnlyMemory<byte> randomState = default) => new(
        Graph.Forward.Name, Steps, randomState,
        [.. Graph.States.Select((_, i) => _states[_current].Copy(i))]);

    /// <summary>Goes back to a checkpoint.</summary>
    /// <exception cref="TrainingException">It is of another network or another optimiser; the session is as before.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        Dictionary<string, Constant> saved = checkpoint.Tensors.ToDictionary(t => t.Tensor.Name);
        foreach (TrainingState state in Graph.States)
        {
            if (saved.GetValueOrDefault(state.Tensor.Name)?.Tensor != state.Tensor)
            {
                throw new TrainingException(
                    $"the checkpoint of '{checkpoint.Network}' has no {state.Tensor}; use one of the same network and optimiser");
            }
        }
        for (int i = 0; i < Graph.States.Count; i++)
        {
            saved[Graph.States[i].Tensor.Name].Data.Span.CopyTo(_states[_current][i].GetTensorMutableRawData());
        }
        Steps = checkpoint.Steps;
    }

    /// <summary>The network with the weights and running statistics as they are now, for inference.</summary>
    public Graph Export()
    {
        Graph forward = Graph.Forward;
        var trained = new Dictionary<string, Constant>();
        for (int i = 0; i < Graph.States.Count; i++)
        {
            if (forward.Constants.ContainsKey(Graph.States[i].Tensor.Name))
            {
                trained[Graph.States[i].Tensor.Name] = _states[_current].Copy(i);
            }
        }
        return new Graph(
            forward.Name, forward.Opsets, forward.Inputs, [.. forward.Outputs.Select(o => o.Name)], forward.Operators,
            forward.Constants.Values.Select(c => trained.GetValueOrDefault(c.Tensor.Name, c)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step.Dispose();
        _evaluation.Dispose();
        _runOptions.Dispose();
        foreach (IDisposable owned in _states.Concat<IDisposable>(_fed.Values).Concat(_made.Values))
        {
            owned.Dispose();
        }
        _learningRate.Dispose();
        _stepNumber.Dispose();
    }

    private float Loss => _made[Graph.Loss].GetTensorDataAsSpan<float>()[0];

    private static OrtValue Find(Dictionary<string, OrtValue> values, string name) => values.GetValueOrDefault(name)
        ?? throw new TrainingException($"there is no '{name}'; choose one of {string.Join(", ", values.Keys)}");

    private static OrtValue Allocate(Tensor tensor) =>
        OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)tensor.Type, [.. tensor.Shape]);
}
