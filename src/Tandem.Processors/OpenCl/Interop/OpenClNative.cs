using System.Runtime.InteropServices;

namespace Tandem.Processors.OpenCl.Interop;

/// <summary>The OpenCL functions that the product calls: those of 1.2, and of 2.0 for shared virtual memory, as the Khronos headers declare them.</summary>
internal static unsafe partial class OpenClNative
{
    private const string Library = OpenClLibrary.Name;

    [LibraryImport(Library)]
    internal static partial int clGetPlatformIDs(uint capacity, nint* platforms, uint* count);

    [LibraryImport(Library)]
    internal static partial int clGetPlatformInfo(nint platform, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(Library)]
    internal static partial int clGetDeviceIDs(nint platform, ulong type, uint capacity, nint* devices, uint* count);

    [LibraryImport(Library)]
    internal static partial int clGetDeviceInfo(nint device, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(Library)]
    internal static partial nint clCreateContext(
        nint* properties, uint count, nint* devices, nint notify, nint userData, int* status);

    [LibraryImport(Library)]
    internal static partial int clReleaseContext(nint context);

    [LibraryImport(Library)]
    internal static partial nint clCreateCommandQueue(ContextHandle context, nint device, ulong properties, int* status);

    [LibraryImport(Library)]
    internal static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(Library)]
    internal static partial nint clCreateBuffer(
        ContextHandle context, ulong flags, nuint size, void* hostMemory, int* status);

    [LibraryImport(Library)]
    internal static partial nint clCreateImage(
        ContextHandle context, ulong flags, ImageFormat* format, ImageDescription* description, void* hostMemory, int* status);

    [LibraryImport(Library)]
    internal static partial int clReleaseMemObject(nint memory);

    [LibraryImport(Library)]
    internal static partial nint clCreateProgramWithSource(
        ContextHandle context, uint count, byte** sources, nuint* lengths, int* status);

    [LibraryImport(Library)]
    internal static partial nint clCreateProgramWithBinary(
        ContextHandle context, uint count, nint* devices, nuint* lengths, byte** binaries, int* binaryStatus, int* status);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int clBuildProgram(
        ProgramHandle program, uint count, nint* devices, string options, nint notify, nint userData);

    [LibraryImport(Library)]
    internal static partial int clGetProgramBuildInfo(
        ProgramHandle program, nint device, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(Library)]
    internal static partial int clGetProgramInfo(
        ProgramHandle program, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(Library)]
    internal static partial int clReleaseProgram(nint program);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint clCreateKernel(ProgramHandle program, string name, int* status);

    [LibraryImport(Library)]
    internal static partial int clReleaseKernel(nint kernel);

    [LibraryImport(Library)]
    internal static partial int clSetKernelArg(KernelHandle kernel, uint index, nuint size, void* value);

    [LibraryImport(Library)]
    internal static partial int clEnqueueNDRangeKernel(
        QueueHandle queue,
        KernelHandle kernel,
        uint dimensions,
        nuint* globalOffset,
        nuint* globalSize,
        nuint* localSize,
        uint waitCount,
        nint* waitFor,
        nint* finished);

    [LibraryImport(Library)]
    internal static partial void* clEnqueueMapBuffer(
        QueueHandle queue,
        MemoryHandle memory,
        uint blocking,
        ulong flags,
        nuint offset,
        nuint size,
        uint waitCount,
        nint* waitFor,
        nint* finished,
        int* status);

    [LibraryImport(Library)]
    internal static partial int clEnqueueUnmapMemObject(
        QueueHandle queue, MemoryHandle memory, void* mapped, uint waitCount, nint* waitFor, nint* finished);

    [LibraryImport(Library)]
    internal static partial int clEnqueueWriteBufferRect(
        QueueHandle queue,
        MemoryHandle memory,
        uint blocking,
        Region3* bufferOrigin,
        Region3* hostOrigin,
        Region3* region,
        nuint bufferRowPitch,
        nuint bufferSlicePitch,
        nuint hostRowPitch,
        nuint hostSlicePitch,
        void* host,
        uint waitCount,
        nint* waitFor,
        nint* finished);

    [LibraryImport(Library)]
    internal static partial int clEnqueueReadBufferRect(
        QueueHandle queue,
        MemoryHandle memory,
        uint blocking,
        Region3* bufferOrigin,
        Region3* hostOrigin,
        Region3* region,
        nuint bufferRowPitch,
        nuint bufferSlicePitch,
        nuint hostRowPitch,
        nuint hostSlicePitch,
        void* host,
        uint waitCount,
        nint* waitFor,
        nint* finished);

    [LibraryImport(Library)]
    internal static partial void* clSVMAlloc(ContextHandle context, ulong flags, nuint size, uint alignment);

    [LibraryImport(Library)]
    internal static partial void clSVMFree(nint context, void* memory);

    [LibraryImport(Library)]
    internal static partial int clSetKernelArgSVMPointer(KernelHandle kernel, uint index, void* value);

    [LibraryImport(Library)]
    internal static partial int clFlush(QueueHandle queue);

    [LibraryImport(Library)]
    internal static partial int clFinish(QueueHandle queue);
}

/// <summary>An origin or extent in bytes, rows and slices, as the rectangular copies of OpenCL take them.</summary>
internal struct Region3
{
    public nuint Bytes;
    public nuint Rows;
    public nuint Slices;
}
