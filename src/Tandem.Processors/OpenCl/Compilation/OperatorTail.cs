using Tandem.Graphs;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>What a kernel may take over from the operators after it.</summary>
[Flags]
internal enum TailKinds
{
    /// <summary>Nothing but an activation.</summary>
    Activation = 0,

    /// <summary>Scale and shift of each channel (BatchNormalization, Mul and Add of constants).</summary>
    Scale = 1,

    /// <summary>Addition of a tensor of the same shape.</summary>
    Residual = 2,
}

/// <summary>Operators that a kernel takes over: y = activation(scale[c] * x + shift[c] + residual).</summary>
/// <param name="Last">The last operator taken over, or the first itself.</param>
/// <param name="Output">The tensor that the kernel makes.</param>
/// <param name="Scale">One number per channel; null for one.</param>
/// <param name="Shift">One number per channel; null for zero.</param>
/// <param name="Residual">The tensor that is added; null for none.</param>
/// <param name="Activation">What is done last.</param>
internal sealed record FusedTail(
    Operator Last, string Output, float[]? Scale, float[]? Shift, string? Residual, Activation Activation);

/// <summary>Finds the operators after a kernel that it can take over: each the only reader of the tensor before it.</summary>
internal sealed class OperatorTail(SliceCompiler compiler)
{
    /// <summary>Takes operators over and marks them as done.</summary>
    /// <param name="op">The operator whose kernel takes over.</param>
    /// <param name="channelAxis">The axis that scale and shift are counted along.</param>
    /// <param name="kinds">What the kernel can do.</param>
    internal FusedTail Take(Operator op, int channelAxis, TailKinds kinds)
    {
        var tail = new FusedTail(op, op.Outputs[0], null, null, null, Activation.None);
        while (tail.Activation.Kind == ActivationKind.None && Next(tail) is { } next)
        {
            FusedTail? extended = Extend(tail, next, channelAxis, kinds);
            if (extended is null)
            {
                break;
            }
            compiler.MarkFused(next);
            tail = extended with { Last = next, Output = next.Outputs[0] };
        }
        return tail;
    }

    private Operator? Next(FusedTail tail)
    {
        IReadOnlyList<Operator> readers = compiler.Graph.Consumers(tail.Output);
        bool single = readers.Count == 1 && readers[0].Inputs.Count(input => input == tail.Output) == 1;
        return single && !compiler.IsOutput(tail.Output) && !compiler.IsFused(readers[0]) ? readers[0] : null;
    }

    private FusedTail? Extend(FusedTail tail, Operator next, int channelAxis, TailKinds kinds)
    {
        if (next.Type == "Identity" || (next.Type == "Dropout" && IsPlainDropout(next)))
        {
            return tail;
        }
        if (Activations.TryRead(next, compiler) is { } activation)
        {
            return tail with { Activation = activation };
        }
        if (kinds.HasFlag(TailKinds.Scale) && tail.Residual is null
            && ChannelScale.TryRead(next, tail.Output, channelAxis, compiler) is { } scale)
        {
            return Compose(tail, scale);
        }
        if (kinds.HasFlag(TailKinds.Residual) && tail.Residual is null && IsAddition(next))
        {
            string other = next.Inputs.First(input => input != tail.Output);
            bool sameShape = compiler.ShapeOf(other).Equals(compiler.ShapeOf(tail.Output));
            return sameShape && compiler.TryConstant(other) is null ? tail with { Residual = other } : null;
        }
        return null;
    }

    private bool IsPlainDropout(Operator op) =>
        op.Outputs.Skip(1).All(mask => compiler.Graph.Consumers(mask).Count == 0 && !compiler.IsOutput(mask));

    private static bool IsAddition(Operator op) => op.Type is "Add" or "Sum" && op.Domain == "" && op.Inputs.Count == 2;

    private static FusedTail Compose(FusedTail tail, ChannelScale next)
    {
        int channels = next.Scale.Length;
        var scale = new float[channels];
        var shift = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            scale[c] = (tail.Scale?[c] ?? 1) * next.Scale[c];
            shift[c] = (tail.Shift?[c] ?? 0) * next.Scale[c] + next.Shift[c];
        }
        return tail with { Scale = scale, Shift = shift };
    }
}
