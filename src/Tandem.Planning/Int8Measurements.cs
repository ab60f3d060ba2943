namespace Tandem.Planning;

/// <summary>What a policy must know of 8-bit integer kernels.</summary>
public enum Int8Measurements
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>How long the whole network takes.</summary>
    WholeNetwork,
    /// <summary>That, and how long each kernel and the half of its channels takes.</summary>
    Kernels,
    /// <summary>That, and how long the half of each kernel's rows takes.</summary>
    Slices,
}
