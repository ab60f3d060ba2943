using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution.Tests;

/// <summary>
/// A processor that computes nothing but writes into every element of its outputs which tensor and run it belongs to, and fails
/// where an element of its inputs belongs to another: because a step began too early, or memory is shared wrongly.
/// </summary>
internal sealed class MarkerProcessor(string name, Func<int> currentRun, string? worker = null) : IProcessor
{
    public ProcessorInfo Info { get; } = new(name, ProcessorKind.Null, "marker", "1", "none", [], 1, false) { Worker = worker ?? name };

    public static int Marker(string tensor, int run) => tensor.GetHashCode(StringComparison.Ordinal) ^ (run * 7919);

    public void EnterWorkerThread() { }

    public ICompiledSlice Compile(Graph slice) => new MarkedSlice(slice, currentRun);

    public void Dispose() { }

    private sealed class MarkedSlice(Graph graph, Func<int> currentRun) : ICompiledSlice
    {
        public Graph Graph => graph;

        public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
        {
            SliceViews.Check(graph, inputs, outputs);
            return new Bound(inputs, outputs, currentRun);
        }

        public void Dispose() { }
    }

    private sealed class Bound(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs, Func<int> currentRun) : IBoundSlice
    {
        private readonly Random _random = new(inputs.Count * 31 + outputs.Count);

        public RunTiming Run()
        {
            int run = currentRun();
            foreach (TensorView input in inputs)
            {
                Require(input, Marker(input.Tensor.Name, run));
            }
            foreach (TensorView output in outputs)
            {
                ForEachPiece(output, piece => piece.Clear());
            }
            // Others get a chance to overtake.
            Thread.SpinWait(_random.Next(500));
            Thread.Yield();
            foreach (TensorView output in outputs)
            {
                ForEachPiece(output, piece => piece.Fill(Marker(output.Tensor.Name, run)));
            }
            return default;
        }

        public void Dispose() { }

        private static void Require(TensorView view, int marker) => ForEachPiece(view, piece =>
        {
            if (piece.ContainsAnyExcept(marker))
            {
                throw new ProcessorFailedException($"an element of '{view.Tensor.Name}' is not what was written there in this run");
            }
        });

        private static unsafe void ForEachPiece(TensorView view, SpanAction action)
        {
            for (long p = 0; p < view.PieceCount; p++)
            {
                byte* first = view.Buffer.Pointer + view.FirstPieceOffset + p * view.PieceStrideBytes;
                action(new Span<int>(first, (int)(view.PieceBytes / sizeof(int))));
            }
        }

        private delegate void SpanAction(Span<int> piece);
    }
}
