using System.Runtime.Intrinsics.X86;

namespace Tandem.Processors;

/// <summary>What this machine's CPU does with 8-bit products.</summary>
public static class IntegerKernels
{
    private const int FeatureLeaf = 7;
    private const int Avx512VnniBit = 11;
    private const int AvxVnniBit = 4;

    /// <summary>
    /// Whether sums of two products of an unsigned and a signed byte saturate at 16 bits, as on x86 before VNNI. Then weights must
    /// have 7 bits.
    /// </summary>
    public static bool MaySaturate { get; } = X86Base.IsSupported && !HasVnni();

    private static bool HasVnni() =>
        X86Base.CpuId(0, 0).Eax >= FeatureLeaf
        && ((X86Base.CpuId(FeatureLeaf, 0).Ecx >> Avx512VnniBit & 1) == 1
            || (X86Base.CpuId(FeatureLeaf, 1).Eax >> AvxVnniBit & 1) == 1);
}
