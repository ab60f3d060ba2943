using Tandem.Graphs;
using Tandem.Graphs.Slicing;
using Tandem.Processors;

namespace Tandem.Execution.Tests;

/// <summary>
/// A processor that computes nothing but writes into every element of its outputs which tensor and run it belongs to, and fails
/// where an element of its inputs belongs to another: because a step began too early, or memory is shared wrongly.
/// </summary>
/// <param name="name">The processor's name.</param>
/// <param name="currentRun">The number of the run.</param>
/// <param name="worker">The processor's worker; null for one of its own.</param>
/// <param name="inPlace">Tells of tensors that consist of others; null where none does.</param>
internal sealed class MarkerProcessor(
    string name, Func<int> currentRun, string? worker = null, Func<string, Concatenation?>? inPlace = null) : IProcessor
{
    public ProcessorInfo Info { get; } = new(name, ProcessorKind.Null, "marker", "1", "none", [], 1, false) { Worker = worker ?? name };

    public static int Marker(string tensor, int run) => tensor.GetHashCode(StringComparison.Ordinal) ^ (run * 7919);

    public void EnterWorkerThread() { }

    public ICompiledSlice Compile(Graph slice) => new MarkedSlice(slice, currentRun, inPlace);

    public void Dispose() { }

    private sealed class MarkedSlice(Graph graph, Func<int> currentRun, Func<string, Concatenation?>? inPlace) : ICompiledSlice
    {
        public Graph Graph => graph;

        public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
        {
            SliceViews.Check(graph, inputs, outputs);
            return new Bound(inputs, outputs, currentRun, inPlace);
        }

        public void Dispose() { }
    }

    private sealed class Bound(
        IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs, Func<int> currentRun, Func<string, Concatenation?>? inPlace)
        : IBoundSlice
    {
        private readonly Random _random = new(inputs.Count * 31 + outputs.Count);

        public RunTiming Run()
        {
            int run = currentRun();
            foreach (TensorView input in inputs)
            {
                Require(input, run);
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

        private void Require(TensorView view, int run)
        {
            if (inPlace?.Invoke(view.Tensor.Name) is { } place)
            {
                foreach ((Tensor operand, TensorRange range) in place.PartsOf(view.Range))
                {
                    Require(new TensorView(view.Buffer, view.ByteOffset + place.ByteOffsetOf(operand.Name), operand, range), run);
                }
                return;
            }
            ForEachPiece(view, piece =>
            {
                if (piece.ContainsAnyExcept(Marker(view.Tensor.Name, run)))
                {
                    throw new ProcessorFailedException($"an element of '{view.Tensor.Name}' is not what was written there in this run");
                }
            });
        }

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
