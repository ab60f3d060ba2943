namespace Tandem.Processors.OpenCl.Interop;

/// <summary>Values of the OpenCL headers that the product uses.</summary>
internal static class OpenClConstants
{
    internal const uint PlatformVersion = 0x0901;
    internal const uint PlatformName = 0x0902;
    internal const uint PlatformVendor = 0x0903;

    internal const uint DeviceType = 0x1000;
    internal const uint DeviceMaxComputeUnits = 0x1002;
    internal const uint DeviceMaxWorkGroupSize = 0x1004;
    internal const uint DeviceMaxMemoryAllocation = 0x1010;
    internal const uint DeviceImageMaxWidth = 0x1011;
    internal const uint DeviceImageMaxHeight = 0x1012;
    internal const uint DeviceImageSupport = 0x1016;
    internal const uint DeviceGlobalMemory = 0x101F;
    internal const uint DeviceLocalMemory = 0x1023;
    internal const uint DeviceHostUnifiedMemory = 0x1035;
    internal const uint DeviceName = 0x102B;
    internal const uint DriverVersion = 0x102D;
    internal const uint DeviceVersion = 0x102F;
    internal const uint DeviceExtensions = 0x1030;

    internal const uint DeviceSvmCapabilities = 0x1053;

    internal const ulong SvmFineGrainBuffer = 1 << 1;
    internal const ulong SvmFineGrainSystem = 1 << 2;
    internal const ulong SvmAtomics = 1 << 3;

    internal const ulong DeviceTypeCpu = 1 << 1;
    internal const ulong DeviceTypeGpu = 1 << 2;
    internal const ulong DeviceTypeAll = 0xFFFFFFFF;

    internal const ulong MemoryReadWrite = 1 << 0;
    internal const ulong MemoryReadOnly = 1 << 2;
    internal const ulong MemoryUseHostPointer = 1 << 3;
    internal const ulong MemoryCopyHostPointer = 1 << 5;

    internal const uint MemoryObjectImage2D = 0x10F1;
    internal const uint ImageOrderRgba = 0x10B5;
    internal const uint ImageTypeHalf = 0x10DD;
    internal const uint ImageTypeFloat = 0x10DE;
    internal const ulong MemorySvmFineGrainBuffer = 1 << 10;
    internal const ulong MemorySvmAtomics = 1 << 11;

    internal const ulong MapRead = 1 << 0;
    internal const ulong MapWrite = 1 << 1;

    internal const uint ProgramBinarySizes = 0x1165;
    internal const uint ProgramBinaries = 0x1166;
    internal const uint ProgramBuildLog = 0x1183;

    internal const nint ContextPlatform = 0x1084;
}
