using System.Globalization;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// What the latency of a kernel, or of a part of one, depends on besides the processor: its operators and sizes. Stored with every
/// sample, so that a profile alone is enough to fit <see cref="KernelLatencyPredictor"/>.
/// </summary>
/// <param name="Operators">The fused operators' types joined by "+", as <see cref="Kernel.Type"/>.</param>
/// <param name="Shape">The sizes of the part that is computed.</param>
/// <param name="IsDividedByRows">Whether its tensors are parts of rows, which lie in many pieces.</param>
/// <param name="Inputs">How many tensors it reads, constants not counted.</param>
public readonly record struct KernelConfiguration(string Operators, KernelShape Shape, bool IsDividedByRows, int Inputs)
{
    private const char Separator = '|';
    private const int Numbers = 16;

    /// <summary>The configuration of a slice of a single kernel; null for longer slices.</summary>
    public static KernelConfiguration? Of(Network network, SliceSpec slice)
    {
        if (slice.Kernels.Count != 1)
        {
            return null;
        }
        Kernel kernel = network.Kernels[slice.Kernels.First];
        var shape = KernelShape.Of(kernel, network.Graph);
        long Count(long extent)
        {
            (long from, long to) = slice.Share.Indices(extent);
            return Math.Max(1, to - from);
        }
        return new KernelConfiguration(
            kernel.Type,
            slice.Axis switch
            {
                SliceAxis.Rows => shape.WithRows(Count(shape.Rows)),
                SliceAxis.Channels => shape.WithChannels(Count(shape.Channels)),
                _ => shape,
            },
            slice.Axis == SliceAxis.Rows,
            kernel.Inputs.Count);
    }

    /// <summary>One line: the operators, the implementation, and sixteen numbers.</summary>
    public override string ToString()
    {
        KernelShape s = Shape;
        double[] numbers =
        [
            s.Batch, s.Rows, s.Columns, s.Channels, s.Groups, s.Depth, s.InputRows, s.InputColumns, s.InputChannels,
            s.WindowRows, s.WindowColumns, s.StrideRows, s.SidePerOutput, s.ReadsAllChannels ? 1 : 0, IsDividedByRows ? 1 : 0, Inputs,
        ];
        return Operators + Separator + s.Type + Separator
            + string.Join(',', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false for any other text, such as the description of a whole network.</summary>
    public static bool TryParse(string text, out KernelConfiguration configuration)
    {
        configuration = default;
        string[] parts = text.Split(Separator);
        if (parts.Length != 3 || parts[2].Split(',') is not { Length: Numbers } words)
        {
            return false;
        }
        var n = new double[Numbers];
        for (int i = 0; i < Numbers; i++)
        {
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out n[i]) || !(n[i] >= 0) || n[i] > 1e15)
            {
                return false;
            }
        }
        var shape = new KernelShape
        {
            Type = parts[1],
            Batch = (long)n[0],
            Rows = (long)n[1],
            Columns = (long)n[2],
            Channels = (long)n[3],
            Groups = Math.Max(1, (long)n[4]),
            Depth = (long)n[5],
            InputRows = (long)n[6],
            InputColumns = (long)n[7],
            InputChannels = (long)n[8],
            WindowRows = (long)n[9],
            WindowColumns = (long)n[10],
            StrideRows = (long)n[11],
            SidePerOutput = n[12],
            ReadsAllChannels = n[13] > 0,
        };
        configuration = new KernelConfiguration(parts[0], shape, n[14] > 0, (int)n[15]);
        return true;
    }
}

/// <summary>A measured kernel, or part of one, with what it was.</summary>
/// <param name="Configuration">What was measured.</param>
/// <param name="Milliseconds">The median latency, above zero.</param>
/// <param name="TakenAt">When: the speed of a machine drifts, so what was measured together is compared with care.</param>
public readonly record struct KernelSample(KernelConfiguration Configuration, double Milliseconds, DateTimeOffset TakenAt);
