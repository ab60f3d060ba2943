namespace Tandem.Execution;

/// <summary>Which processors of this machine are used, and how.</summary>
public sealed record LocalDeviceOptions
{
    /// <summary>
    /// Cores of the processor "cpu", from 0. Default: all; where the GPU is in fact served by CPU cores, all but the GPU's.
    /// </summary>
    public IReadOnlyList<int>? CpuCores { get; init; }

    /// <summary>Cores of a processor "gpu" that is served by CPU cores. Default: the last core.</summary>
    public IReadOnlyList<int>? GpuCores { get; init; }

    /// <summary>Threads of the plain plan "ort-all-cores". Default: one for each core.</summary>
    public int? AllCoresThreads { get; init; }

    /// <summary>
    /// The engine of the processor "gpu": "opencl", the name of an ONNX Runtime execution provider ("WebGPU", "CUDA", "CoreML",
    /// "DML", "QNN"), or "none".
    /// </summary>
    public string GpuEngine { get; init; } = "opencl";

    /// <summary>
    /// Whether the CPU has OpenCL kernels as a second engine beside ONNX Runtime, where a CPU-backed OpenCL driver (PoCL) is installed.
    /// </summary>
    public bool CpuHasOpenCl { get; init; } = true;

    /// <summary>Part of the OpenCL device's or platform's name to choose; null takes the best.</summary>
    public string? OpenClDevice { get; init; }
}
