using System.Globalization;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>A tensor that a launch reads or writes, and what it needs of its layout.</summary>
internal readonly record struct TensorUse(TensorNode Node, TensorAccess Access)
{
    internal static TensorUse Dense(TensorNode node) => new(node, TensorAccess.Dense);

    internal static TensorUse Planes(TensorNode node) => new(node, TensorAccess.Planes);

    internal static TensorUse Strided(TensorNode node) => new(node, TensorAccess.Strided);
}

/// <summary>One kernel launch of a compiled slice.</summary>
/// <param name="Program">The program that has the kernel.</param>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Reads">The tensors it reads.</param>
/// <param name="Writes">The tensors it writes.</param>
/// <param name="SetUp">Sets the arguments, in the order of the kernel's parameters, and the grid, once the slice is bound.</param>
internal sealed record Launch(
    ProgramKey Program,
    string Kernel,
    IReadOnlyList<TensorUse> Reads,
    IReadOnlyList<TensorUse> Writes,
    Action<LaunchArguments> SetUp)
{
    /// <summary>Whether it computes the same in every run, so that it is run once.</summary>
    internal bool IsConstant { get; init; }

    /// <summary>
    /// The same with its program built for what a slice in half precision stores so: the weights, and those of its first input (X), its
    /// second (Z) and its output (Y) that are neither constants nor ends of the slice.
    /// </summary>
    internal Launch InHalfPrecision()
    {
        List<string> options = [Program.Options, "-DHALF_W=1", string.Create(CultureInfo.InvariantCulture, $"-DREADS={Reads.Count}")];
        AddOption("X", Reads, 0);
        AddOption("Z", Reads, 1);
        AddOption("Y", Writes, 0);
        return this with { Program = Program with { Options = string.Join(' ', options).Trim() } };

        void AddOption(string operand, IReadOnlyList<TensorUse> uses, int index)
        {
            if (index < uses.Count && uses[index].Node.IsHalf(isHalfSlice: true))
            {
                options.Add($"-DHALF_{operand}=1");
            }
        }
    }
}
