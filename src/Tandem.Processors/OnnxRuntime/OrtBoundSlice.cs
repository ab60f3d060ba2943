using System.Diagnostics;
using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// A session bound to shared memory. A view in one piece is read and written in place; one in several pieces, and an output
/// that overlaps an input, goes through memory of its own.
/// </summary>
internal sealed unsafe class OrtBoundSlice : IBoundSlice
{
    private readonly string _processor;
    private readonly Graph _graph;
    private readonly OrtApi _api = OrtApi.Current;
    private readonly delegate* unmanaged<nint, nint, nint, nint> _run;
    private readonly List<StagedView> _gathers = [];
    private readonly List<StagedView> _scatters = [];
    private readonly List<SharedBuffer> _held = [];
    private readonly RunOptions _runOptions;
    private readonly OrtIoBinding _binding;
    private readonly NativeHandle _session;
    private bool _disposed;

    /// <summary>Binds a session. The views have been checked.</summary>
    public OrtBoundSlice(
        string processor,
        Graph graph,
        OrtSliceModel model,
        InferenceSession session,
        IReadOnlyList<TensorView> inputs,
        IReadOnlyList<TensorView> outputs)
    {
        _processor = processor;
        _graph = graph;
        _run = _api.RunWithBinding;
        _session = session.Handle;
        _binding = session.CreateIoBinding();
        _runOptions = new RunOptions();
        try
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                using OrtValue value = Place(inputs[i], !inputs[i].IsContiguous, _gathers);
                _binding.BindInput(graph.Inputs[i].Name, value);
            }
            for (int i = 0; i < outputs.Count; i++)
            {
                TensorView output = outputs[i];
                bool staged = !output.IsContiguous || inputs.Any(input => Overlap(input, output));
                using OrtValue value = Place(output, staged, _scatters);
                _binding.BindOutput(model.OutputNames[i], value);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public RunTiming Run()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < _gathers.Count; i++)
        {
            _gathers[i].Gather();
        }
        long gathered = _gathers.Count == 0 ? start : Stopwatch.GetTimestamp();
        nint status = _run(_session.Pointer, _runOptions.Handle.Pointer, _binding.Handle.Pointer);
        if (status != 0)
        {
            throw Failure(status);
        }
        long computed = Stopwatch.GetTimestamp();
        for (int i = 0; i < _scatters.Count; i++)
        {
            _scatters[i].Scatter();
        }
        long scattered = _scatters.Count == 0 ? computed : Stopwatch.GetTimestamp();
        return new RunTiming(gathered - start, computed - gathered, scattered - computed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _binding.Dispose();
        _runOptions.Dispose();
        foreach (StagedView staged in _gathers.Concat(_scatters))
        {
            staged.Dispose();
        }
        foreach (SharedBuffer buffer in _held)
        {
            buffer.DangerousRelease();
        }
    }

    /// <summary>Makes the value that the session reads or writes for a view, and keeps the view's memory alive.</summary>
    private OrtValue Place(TensorView view, bool staged, List<StagedView> stagedViews)
    {
        bool held = false;
        view.Buffer.DangerousAddRef(ref held);
        _held.Add(view.Buffer);
        byte* memory = view.Buffer.Pointer + view.FirstPieceOffset;
        if (staged)
        {
            var stage = new StagedView(view);
            stagedViews.Add(stage);
            memory = stage.Memory;
        }
        long sizeInBytes = view.PieceBytes * view.PieceCount;
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, view.Tensor.Type.ToTensorElementType(), [.. view.Shape], (nint)memory, sizeInBytes);
    }

    /// <summary>Whether the memory from the first to the last byte of two views has bytes in common.</summary>
    private static bool Overlap(TensorView a, TensorView b) =>
        Start(a) < End(b) && Start(b) < End(a);

    private static byte* Start(TensorView view) => view.Buffer.Pointer + view.FirstPieceOffset;

    private static byte* End(TensorView view) =>
        Start(view) + (view.PieceCount - 1) * view.PieceStrideBytes + view.PieceBytes;

    private ProcessorFailedException Failure(nint status)
    {
        OnnxRuntimeException failure = _api.Failure(status);
        return new ProcessorFailedException($"processor '{_processor}' failed in slice '{_graph.Name}': {failure.Detail}", failure);
    }
}
