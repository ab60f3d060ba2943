namespace Tandem.Planning;

/// <summary>Names of policies, as users, plans and benchmark reports write them. Others script against them: they never change.</summary>
public static class PolicyNames
{
    /// <summary>ONNX Runtime on all cores: what a user would take without this product.</summary>
    public const string OrtAllCores = "ort-all-cores";

    /// <summary>The CPU processor alone.</summary>
    public const string Cpu = "cpu";

    /// <summary>The GPU processor alone.</summary>
    public const string Gpu = "gpu";

    /// <summary>Layers divided by output channels, or whole branches side by side, as muLayer does.</summary>
    public const string MuLayer = "mulayer";

    /// <summary>muLayer without branch distribution: shows what that is worth.</summary>
    public const string MuLayerNoBranches = "mulayer-no-branches";

    /// <summary>muLayer that divides by floating-point operations instead of its regressions: shows what these are worth.</summary>
    public const string MuLayerFlopRatio = "mulayer-flop-ratio";

    /// <summary>
    /// muLayer with its processor-friendly quantisation: 8-bit integers on processors that have kernels for them, half precision on others
    /// that have it.
    /// </summary>
    public const string MuLayerInt8 = "mulayer-int8";

    /// <summary>muLayer with half precision on processors that have kernels for it (GPUs), and float32 on the others.</summary>
    public const string MuLayerFp16 = "mulayer-fp16";

    /// <summary>The CPU alone, each segment by the faster of its engines.</summary>
    public const string CpuEngines = "cpu-engines";

    /// <summary>ONNX Runtime on all cores, the network quantised to 8-bit integers.</summary>
    public const string OrtInt8AllCores = "ort-int8-all-cores";

    /// <summary>The CPU processor alone, the network quantised to 8-bit integers.</summary>
    public const string CpuInt8 = "cpu-int8";

    /// <summary>Operators divided by rows or by channels, in chains, planned with CoDL's predictor.</summary>
    public const string Codl = "codl";

    /// <summary>CoDL without operator chains.</summary>
    public const string CodlNoChains = "codl-no-chains";

    /// <summary>CoDL with output channels as the only dimension.</summary>
    public const string CodlChannelsOnly = "codl-oc-only";

    /// <summary>CoDL with rows as the only dimension.</summary>
    public const string CodlRowsOnly = "codl-h-only";

    /// <summary>CoDL with ratios from operations and the processors' speeds, as muLayer's, in place of its predictor.</summary>
    public const string CodlOperationRatio = "codl-flop-ratio";

    /// <summary>Chains of layers divided by rows.</summary>
    public const string RowChains = "row-chains";

    /// <summary>Segments of the network, each divided by rows or by channels or not at all, so that the sum is least.</summary>
    public const string Segments = "segments";

    /// <summary>Tandem's own: the fastest of the segments and the plain plans, by running them.</summary>
    public const string Tandem = "tandem";

    /// <summary>Tandem's planner with channels as the only dimension.</summary>
    public const string TandemChannelsOnly = "tandem-oc-only";

    /// <summary>Tandem's planner without chains: every kernel is divided on its own.</summary>
    public const string TandemNoChains = "tandem-no-chains";

    /// <summary>Tandem's planner without partial sums by input channels, that is without pairs of products that share nothing in between.</summary>
    public const string TandemNoPairs = "tandem-no-pairs";

    /// <summary>Tandem's planner with a step for every concatenation.</summary>
    public const string TandemNoInPlace = "tandem-no-in-place";

    /// <summary>Tandem's planner without branches side by side.</summary>
    public const string TandemNoBranches = "tandem-no-branches";

    /// <summary>Tandem's planner with one engine for each processor: shows what a second engine on the same hardware is worth.</summary>
    public const string TandemOneEngine = "tandem-one-engine";

    /// <summary>No policy, but a way to run a stream of inferences: each processor takes whole ones.</summary>
    public const string BatchSplit = "batch-split";

    /// <summary>No policy, but a way to run a stream of inferences: each processor runs some stages of every one.</summary>
    public const string Pipeline = "pipeline";
}
