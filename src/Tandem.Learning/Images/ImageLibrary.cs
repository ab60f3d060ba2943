using System.Reflection;
using System.Runtime.InteropServices;

namespace Tandem.Learning.Images;

/// <summary>
/// A shared library that decodes images, loaded at its first use so that the program runs without it. Import declarations
/// name it by <see cref="Name"/>; this class says which file that is on each system.
/// </summary>
internal sealed class ImageLibrary
{
    private readonly string[] _fileNames;
    private readonly string _remedy;
    private readonly Lazy<nint> _handle;

    /// <summary>Describes a library without loading it.</summary>
    /// <param name="name">The name that import declarations use.</param>
    /// <param name="fileNames">File names or paths to try, in this order.</param>
    /// <param name="remedy">Which packages hold it.</param>
    internal ImageLibrary(string name, string[] fileNames, string remedy)
    {
        Name = name;
        _fileNames = fileNames;
        _remedy = remedy;
        _handle = new Lazy<nint>(Load);
    }

    /// <summary>TurboJPEG, whose 2.x functions every later version has kept.</summary>
    internal static ImageLibrary TurboJpeg { get; } = new(
        TurboJpegNative.Library,
        ["libturbojpeg.so.0", "/opt/homebrew/lib/libturbojpeg.dylib", "/usr/local/lib/libturbojpeg.dylib", "turbojpeg"],
        "libturbojpeg0 (Debian), libturbojpeg (Ubuntu), turbojpeg (Fedora) or jpeg-turbo (Homebrew)");

    /// <summary>libpng 1.6 with its simplified interface.</summary>
    internal static ImageLibrary Png { get; } = new(
        PngNative.Library,
        ["libpng16.so.16", "/opt/homebrew/lib/libpng16.dylib", "/usr/local/lib/libpng16.dylib", "libpng16"],
        "libpng16-16 (Debian, Ubuntu) or libpng (Fedora, Homebrew)");

    /// <summary>The name that import declarations use.</summary>
    internal string Name { get; }

    /// <summary>Loads the library unless that is done.</summary>
    /// <exception cref="ImageException">It is not installed; the message names the packages.</exception>
    internal void Require() => _ = _handle.Value;

    private nint Load()
    {
        foreach (string fileName in _fileNames)
        {
            if (NativeLibrary.TryLoad(fileName, out nint handle))
            {
                return handle;
            }
        }
        throw new ImageException($"the {Name} library is not installed: run ./tandem setup, or install {_remedy}");
    }

    /// <summary>Makes this assembly's import declarations find the libraries; called once, before the first import.</summary>
    static ImageLibrary() => NativeLibrary.SetDllImportResolver(typeof(ImageLibrary).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) => name switch
    {
        TurboJpegNative.Library => TurboJpeg._handle.Value,
        PngNative.Library => Png._handle.Value,
        _ => 0,
    };
}
