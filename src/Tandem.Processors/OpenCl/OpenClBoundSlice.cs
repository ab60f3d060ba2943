using System.Diagnostics;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl;

/// <summary>Kernels with all their arguments set: a run only enqueues them and waits for the last.</summary>
internal sealed class OpenClBoundSlice : IBoundSlice
{
    private readonly string _processor;
    private readonly string _slice;
    private readonly bool _isCpuBacked;
    private readonly ProgramBuilder _programs;
    private readonly ConstantPool _constants;
    private readonly BoundMemory _memory;
    private readonly QueueHandle _queue;
    private readonly List<OpenClKernelLaunch> _launches = [];
    private readonly OpenClKernelLaunch[] _all;
    private readonly EndFlag? _flag;
    private readonly Lock _runs;
    private bool _disposed;

    internal OpenClBoundSlice(
        string processor,
        OpenClCompiledSlice slice,
        OpenClContext context,
        ProgramBuilder programs,
        AttachedBuffers buffers,
        IReadOnlyList<TensorView> inputs,
        IReadOnlyList<TensorView> outputs)
    {
        _processor = processor;
        _slice = slice.Graph.Name;
        // Also where a device of CPU cores is used as a GPU: PoCL compiles a kernel anew for each size of work-groups.
        _isCpuBacked = context.Device.Type == OpenClDeviceType.Cpu;
        _runs = context.Device.Runs;
        _programs = programs;
        _constants = slice.Constants;
        HandOverMode mode = context.HandOver;
        _queue = context.CreateQueue();
        try
        {
            _memory = new BoundMemory(context, buffers, slice.Program, slice.Constants, _queue, mode.Sharing, inputs, outputs);
        }
        catch
        {
            _queue.Dispose();
            throw;
        }
        try
        {
            AddLaunches(slice.Program, context.Device);
            _all = [.. _launches];
            _flag = mode.PollsFlag && !_memory.HasTransfers ? new EndFlag(context, programs) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many runs were seen to end by a flag in shared memory, with no call that waits.</summary>
    internal int PolledRuns => _flag?.SeenCount ?? 0;

    /// <inheritdoc/>
    public RunTiming Run()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (!_isCpuBacked)
            {
                return RunNow();
            }
            lock (_runs)
            {
                return RunNow();
            }
        }
        catch (OpenClException exception)
        {
            throw new ProcessorFailedException(
                $"processor '{_processor}' failed in slice '{_slice}': {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _ = OpenClNative.clFinish(_queue);
        foreach (OpenClKernelLaunch launch in _launches)
        {
            launch.Dispose();
        }
        _flag?.Dispose();
        _memory.Dispose();
        _queue.Dispose();
    }

    private RunTiming RunNow() => _memory.HasTransfers ? RunWithTransfers() : RunInPlace();

    private RunTiming RunInPlace()
    {
        long start = Stopwatch.GetTimestamp();
        Compute();
        return new RunTiming(0, Stopwatch.GetTimestamp() - start, 0);
    }

    private RunTiming RunWithTransfers()
    {
        long start = Stopwatch.GetTimestamp();
        _memory.ToDevice(_queue);
        OpenClStatus.Check(OpenClNative.clFinish(_queue), "clFinish");
        long gathered = Stopwatch.GetTimestamp();
        Compute();
        long computed = Stopwatch.GetTimestamp();
        _memory.ToHost(_queue);
        return new RunTiming(gathered - start, computed - gathered, Stopwatch.GetTimestamp() - computed);
    }

    private void Compute()
    {
        foreach (OpenClKernelLaunch launch in _all)
        {
            launch.Enqueue(_queue);
        }
        if (_flag is not null && _flag.Await(_queue))
        {
            return;
        }
        OpenClStatus.Check(OpenClNative.clFinish(_queue), "clFinish");
    }

    /// <summary>Makes the launches; what is the same in every run is run now.</summary>
    private void AddLaunches(SliceProgram program, OpenClDevice device)
    {
        foreach ((TensorNode node, Placement outside) in _memory.StagedInputs)
        {
            AddCopy(device, node, outside, _memory.Place(node));
        }
        foreach (Launch launch in program.Launches)
        {
            OpenClKernelLaunch bound = Make(launch.Program, launch.Kernel, launch.SetUp);
            if (launch.IsConstant)
            {
                using (bound)
                {
                    lock (_runs)
                    {
                        bound.Enqueue(_queue);
                        OpenClStatus.Check(OpenClNative.clFinish(_queue), "clFinish");
                    }
                }
            }
            else
            {
                _launches.Add(bound);
            }
        }
        foreach ((TensorNode node, Placement outside) in _memory.StagedOutputs)
        {
            AddCopy(device, node, _memory.Place(node), outside);
        }
    }

    private void AddCopy(OpenClDevice device, TensorNode node, Placement from, Placement to) => _launches.Add(Make(
        ElementwiseLaunch.Program,
        "map",
        arguments => ElementwiseLaunch.SetMap(arguments, device, node.Shape, View.Of(from), View.Of(to), 0)));

    private OpenClKernelLaunch Make(ProgramKey program, string name, Action<LaunchArguments> setUp)
    {
        KernelHandle kernel = _programs.CreateKernel(program, name);
        try
        {
            var arguments = new LaunchArguments(kernel, _memory.Place, _constants);
            setUp(arguments);
            return new OpenClKernelLaunch(kernel, arguments, _isCpuBacked);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }
}
