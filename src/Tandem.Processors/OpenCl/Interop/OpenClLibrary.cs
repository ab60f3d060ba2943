using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Tandem.Processors.OpenCl.Interop;

/// <summary>Finds the OpenCL loader (the ICD loader that dispatches to the installed drivers).</summary>
internal static class OpenClLibrary
{
    /// <summary>The name that the bindings import from; on Windows this is already the file's name.</summary>
    internal const string Name = "OpenCL";

    private static readonly string[] Candidates =
    [
        "libOpenCL.so.1",
        "libOpenCL.so",
        "/System/Library/Frameworks/OpenCL.framework/OpenCL",
        "OpenCL.dll",
    ];

    private static readonly Lazy<nint> Handle = new(Load);

    /// <summary>Whether a loader is installed. To be asked before the first function of it is called, which makes it findable.</summary>
    internal static bool IsAvailable => Handle.Value != 0;

    /// <summary>Whether the loader has a function; those for OpenCL 1.2 lack the later ones.</summary>
    internal static bool Has(string function) => IsAvailable && NativeLibrary.TryGetExport(Handle.Value, function, out _);

    /// <summary>
    /// Resolves the import where the runtime's own search fails: Linux installs the loader as libOpenCL.so.1 only. The
    /// event is used because an assembly can have one import resolver, and other bindings of this assembly may want it.
    /// </summary>
    private static void Register(nint handle)
    {
        Assembly assembly = typeof(OpenClLibrary).Assembly;
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (asking, name) => asking == assembly && name == Name ? handle : 0;
    }

    private static nint Load()
    {
        foreach (string candidate in Candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
            {
                Register(handle);
                return handle;
            }
        }
        return 0;
    }
}
