namespace Tandem.Processors.OpenCl.Interop;

/// <summary>cl_image_format: which numbers a pixel has, and their type.</summary>
internal struct ImageFormat
{
    public uint Order;
    public uint Type;
}

/// <summary>cl_image_desc, in pixels; pitches of zero mean rows without gaps.</summary>
internal struct ImageDescription
{
    public uint Type;
    public nuint Width;
    public nuint Height;
    public nuint Depth;
    public nuint ArraySize;
    public nuint RowPitch;
    public nuint SlicePitch;
    public uint MipLevels;
    public uint Samples;
    public nint Buffer;
}
