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

    /// <summary>Every layer divided by output channels, as muLayer does.</summary>
    public const string MuLayer = "mulayer";

    /// <summary>Chains of layers divided by rows.</summary>
    public const string RowChains = "row-chains";

    /// <summary>Tandem's own: the best of dividing by rows, by channels or not at all, segment by segment, and of the plain plans.</summary>
    public const string Tandem = "tandem";
}
