using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Transposed convolutions as ordinary ones: outputs whose rows and columns leave the same remainders by the strides, a phase,
/// are a convolution of stride 1 with every stride-th weight (Dumoulin and Visin, 2016). Every phase takes the algorithm that is
/// best for it.
/// </summary>
internal static class PhasedTransposition
{
    private static readonly ProgramKey Program = new("cpu_transposed");

    /// <summary>Whether phases can be made: on CPU-backed devices, where every phase has weights and no input is cut off.</summary>
    /// <param name="call">The transposed convolution: weights in a convolution's order, stride and padding of the output.</param>
    /// <param name="device">The device.</param>
    internal static bool Supports(ConvolutionCall call, OpenClDevice device)
    {
        bool plain = device.IsCpuBacked && call.Dilation == new Plane(1, 1) && call.Residual is null;
        return plain && HavePhases(call.Kernel.Rows, call.Stride.Rows, call.Pad.Rows)
            && HavePhases(call.Kernel.Columns, call.Stride.Columns, call.Pad.Columns);
    }

    /// <summary>Adds the launches.</summary>
    internal static void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        int phases = call.Stride.Rows * call.Stride.Columns;
        if (phases == 1)
        {
            EmitPhase(call, compiler, default, call.Y, call.Output);
            return;
        }
        var extents = new Plane(
            (int)Grids.Blocks(call.Output.Rows, call.Stride.Rows), (int)Grids.Blocks(call.Output.Columns, call.Stride.Columns));
        long channels = call.Y.Shape[1];
        TensorNode all = compiler.Scratch(call.Batch, phases * channels, extents.Rows, extents.Columns);
        for (int phase = 0; phase < phases; phase++)
        {
            TensorNode part = compiler.Scratch(call.Batch, channels, extents.Rows, extents.Columns);
            part.MakePartOf(all, 1, phase * channels);
            EmitPhase(call, compiler, new Plane(phase / call.Stride.Columns, phase % call.Stride.Columns), part, extents);
        }
        EmitInterleaving(call, compiler, all, extents);
    }

    private static void EmitPhase(ConvolutionCall call, SliceCompiler compiler, Plane phase, TensorNode y, Plane extents)
    {
        Taps rows = Taps.Of(phase.Rows, call.Kernel.Rows, call.Stride.Rows, call.Pad.Rows);
        Taps columns = Taps.Of(phase.Columns, call.Kernel.Columns, call.Stride.Columns, call.Pad.Columns);
        ConvolutionCall part = call with
        {
            Y = y,
            Weights = WeightsOf(call, rows, columns),
            Output = extents,
            Kernel = new Plane(rows.Count, columns.Count),
            Stride = new Plane(1, 1),
            Pad = new Plane(rows.Pad, columns.Pad),
        };
        ConvolutionAlgorithms.Choose(part, compiler).Emit(part, compiler);
        part.Weights = [];
    }

    /// <summary>The phase's weights, mirrored: a transposed convolution reads earlier inputs with later weights.</summary>
    private static float[] WeightsOf(ConvolutionCall call, Taps rows, Taps columns)
    {
        int planes = call.Weights.Length / (call.Kernel.Rows * call.Kernel.Columns);
        var weights = new float[planes * rows.Count * columns.Count];
        int to = 0;
        for (int plane = 0; plane < planes; plane++)
        {
            for (int row = rows.Count - 1; row >= 0; row--)
            {
                int from = (plane * call.Kernel.Rows + rows.First + row * call.Stride.Rows) * call.Kernel.Columns;
                for (int column = columns.Count - 1; column >= 0; column--)
                {
                    weights[to++] = call.Weights[from + columns.First + column * call.Stride.Columns];
                }
            }
        }
        return weights;
    }

    private static void EmitInterleaving(ConvolutionCall call, SliceCompiler compiler, TensorNode phases, Plane extents) =>
        compiler.Add(new Launch(
            Program, "interleave_phases", [TensorUse.Planes(phases)], [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(phases).Planes(call.Y);
            arguments.Ints(
                call.Y.Shape[1], extents.Columns, call.Output.Rows, call.Output.Columns, call.Stride.Rows, call.Stride.Columns);
            arguments.SetGrid(call.Y.Shape[1], call.Batch);
        }));

    private static bool HavePhases(int kernel, int stride, int pad) =>
        Enumerable.Range(0, stride).All(phase => Taps.Of(phase, kernel, stride, pad) is { Count: > 0, Pad: >= 0 });

    /// <summary>Which weights of an axis a phase has: First, First + stride, ..., and the padding of its convolution.</summary>
    private readonly record struct Taps(int First, int Count, int Pad)
    {
        internal static Taps Of(int phase, int kernel, int stride, int pad)
        {
            int first = (phase + pad) % stride;
            int count = first < kernel ? (int)Grids.Blocks(kernel - first, stride) : 0;
            return new Taps(first, count, count - 1 - (phase + pad) / stride);
        }
    }
}
