namespace Tandem.Processors.OpenCl;

/// <summary>The OpenCL devices of this machine.</summary>
/// <param name="Devices">The devices, best first; empty where there is none.</param>
/// <param name="ReasonForNone">Why there is none and what to do; null where there is one.</param>
public sealed record OpenClDeviceList(IReadOnlyList<OpenClDevice> Devices, string? ReasonForNone);

/// <summary>Kinds of OpenCL devices, in the order of preference.</summary>
public enum OpenClDeviceType
{
    /// <summary>A GPU.</summary>
    Gpu = 0,
    /// <summary>An accelerator that is neither GPU nor CPU.</summary>
    Other = 1,
    /// <summary>CPU cores behind the OpenCL interface.</summary>
    Cpu = 2,
}
