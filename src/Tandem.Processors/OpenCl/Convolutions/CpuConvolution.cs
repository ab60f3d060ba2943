using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>What the algorithms in cpu_convolution.cl share: one program, one list of arguments.</summary>
internal static class CpuConvolution
{
    internal static readonly ProgramKey Program = new("cpu_convolution");

    /// <summary>One image of a convolution as the kernels take it; an algorithm adds how it cuts the work.</summary>
    internal static CpuConvolutionParameters Describe(ConvolutionCall call) => new()
    {
        GroupIn = call.GroupIn,
        Height = call.Input.Rows,
        Width = call.Input.Columns,
        GroupOut = call.GroupOut,
        OutHeight = call.Output.Rows,
        OutWidth = call.Output.Columns,
        KernelRows = call.Kernel.Rows,
        KernelColumns = call.Kernel.Columns,
        StrideRows = call.Stride.Rows,
        StrideColumns = call.Stride.Columns,
        PadRows = call.Pad.Rows,
        PadColumns = call.Pad.Columns,
        DilationRows = call.Dilation.Rows,
        DilationColumns = call.Dilation.Columns,
        HasBias = true,
        HasResidual = call.Residual is not null,
        Activation = call.Activation,
    };

    /// <summary>Adds the launch for one image of a batch.</summary>
    internal static void Add(SliceCompiler compiler, CpuConvolutionLaunch launch)
    {
        ConvolutionCall call = launch.Call;
        TensorNode? residual = launch.Parameters.HasResidual ? launch.Residual : null;
        List<TensorUse> reads = [new TensorUse(call.X, launch.Access)];
        if (residual is not null)
        {
            reads.Add(new TensorUse(residual, launch.Access));
        }
        compiler.Add(
            new Launch(Program, launch.Kernel, reads, [new TensorUse(call.Y, launch.Access)], arguments =>
            {
                Placement x = arguments.Place(call.X), y = arguments.Place(call.Y);
                Placement r = residual is null ? y : arguments.Place(residual);
                CpuConvolutionParameters parameters = launch.Parameters;
                parameters.InputOffset =
                    Narrow(x.Offset + launch.Image * x.BatchStride + launch.FirstInputChannel * x.ChannelStride);
                parameters.InputChannelStride = Narrow(x.ChannelStride);
                parameters.InputEnd = Narrow(Math.Min(x.ReadableCount, int.MaxValue));
                parameters.OutputOffset = Narrow(y.Offset + launch.Image * y.BatchStride);
                parameters.OutputChannelStride = Narrow(y.ChannelStride);
                parameters.ResidualOffset = Narrow(r.Offset + launch.Image * r.BatchStride);
                parameters.ResidualChannelStride = Narrow(r.ChannelStride);
                parameters.WeightOffset = launch.Weights.Offset;
                parameters.BiasOffset = launch.Bias.Offset;
                arguments.Memory(x.Memory).Block(launch.Weights).Block(launch.Bias).Memory(r.Memory).Memory(y.Memory);
                arguments.Structure(parameters);
                if (launch.LocalFloats > 0)
                {
                    arguments.Local(launch.LocalFloats * sizeof(float));
                }
                arguments.SetGrid(launch.Grid.X, launch.Grid.Y, launch.Grid.Z);
            }),
            writesPart: call.Batch > 1 || launch.IsPartial);
    }

    private static int Narrow(long value) => checked((int)value);
}

/// <summary>One launch of a kernel in cpu_convolution.cl.</summary>
internal sealed record CpuConvolutionLaunch
{
    public required ConvolutionCall Call { get; init; }

    public required string Kernel { get; init; }

    public required CpuConvolutionParameters Parameters { get; init; }

    public required ConstantSlot Weights { get; init; }

    public required ConstantSlot Bias { get; init; }

    public required (long X, long Y, long Z) Grid { get; init; }

    /// <summary>The image of the batch.</summary>
    public required int Image { get; init; }

    /// <summary>Floats of memory for each work-group; 0 where the kernel takes none.</summary>
    public long LocalFloats { get; init; }

    /// <summary>What is added: the residual of the call, or the output itself where this continues a sum.</summary>
    public TensorNode? Residual { get; init; }

    /// <summary>What the kernel needs of the tensors' layout.</summary>
    public TensorAccess Access { get; init; } = TensorAccess.Planes;

    /// <summary>First input channel that is read.</summary>
    public int FirstInputChannel { get; init; }

    /// <summary>Whether other launches add to the same output.</summary>
    public bool IsPartial { get; init; }
}

/// <summary>The structure ConvP of cpu_convolution.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct CpuConvolutionParameters
{
    private const int BiasFlag = 1;
    private const int ResidualFlag = 2;

    public int InputOffset;
    public int InputChannelStride;
    public int InputEnd;
    public int OutputOffset;
    public int OutputChannelStride;
    public int ResidualOffset;
    public int ResidualChannelStride;
    public int WeightOffset;
    public int BiasOffset;
    public int GroupIn;
    public int Height;
    public int Width;
    public int GroupOut;
    public int OutHeight;
    public int OutWidth;
    public int KernelRows;
    public int KernelColumns;
    public int StrideRows;
    public int StrideColumns;
    public int PadRows;
    public int PadColumns;
    public int DilationRows;
    public int DilationColumns;

    /// <summary>Tiles of pixels, rows, or images that a work-item takes.</summary>
    public int PerItem;

    /// <summary>Tiles of output channels that a work-item takes.</summary>
    public int ChannelTilesPerItem;

    private int _flags;

    public Activation Activation;

    public bool HasBias
    {
        readonly get => (_flags & BiasFlag) != 0;
        set => _flags = value ? _flags | BiasFlag : _flags & ~BiasFlag;
    }

    public bool HasResidual
    {
        readonly get => (_flags & ResidualFlag) != 0;
        set => _flags = value ? _flags | ResidualFlag : _flags & ~ResidualFlag;
    }
}
