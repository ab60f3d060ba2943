namespace Tandem.Processors.OnnxRuntime;

/// <summary>Which graph optimisations a session does; each level includes those below it.</summary>
public enum GraphOptimizationLevel
{
    /// <summary>None.</summary>
    ORT_DISABLE_ALL = 0,
    /// <summary>Constant folding, removal of what does nothing, fusions whose result is standard ONNX.</summary>
    ORT_ENABLE_BASIC = 1,
    /// <summary>Fusions into the provider's own operators (FusedConv).</summary>
    ORT_ENABLE_EXTENDED = 2,
    /// <summary>Layouts such as NCHWc.</summary>
    ORT_ENABLE_LAYOUT = 3,
    /// <summary>All.</summary>
    ORT_ENABLE_ALL = 99,
}

/// <summary>Whether operators that do not depend on each other run one after another or at once.</summary>
public enum ExecutionMode
{
    /// <summary>One after another.</summary>
    ORT_SEQUENTIAL = 0,
    /// <summary>At once, on the inter-op threads.</summary>
    ORT_PARALLEL = 1,
}
