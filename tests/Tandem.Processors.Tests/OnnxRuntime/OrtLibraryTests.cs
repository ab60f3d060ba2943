using System.Runtime.InteropServices;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.OnnxRuntime;

public sealed class OrtLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-library-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Configured_file_that_does_not_exist_is_named_with_what_to_do()
    {
        string missing = Path.Combine(_folder, "none.so");
        var failure = Assert.Throws<ProcessorFailedException>(
            () => OrtLibrary.Load(missing, AppContext.BaseDirectory, OrtPlatform.Current));
        Assert.Contains(missing, failure.Message, StringComparison.Ordinal);
        Assert.Contains("TANDEM_ONNXRUNTIME", failure.Message, StringComparison.Ordinal);
        Assert.Contains("./tandem run", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Configured_file_that_is_no_library_is_refused()
    {
        string text = Path.Combine(_folder, "text.so");
        File.WriteAllText(text, "not a library");
        var failure = Assert.Throws<ProcessorFailedException>(
            () => OrtLibrary.Load(text, AppContext.BaseDirectory, OrtPlatform.Current));
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Missing_library_says_what_to_run()
    {
        var nowhere = new OrtPlatform("none", "none", ["no-such-library"], ["no-such-library-anywhere"]);
        var failure = Assert.Throws<ProcessorFailedException>(() => OrtLibrary.Load(null, _folder, nowhere));
        Assert.Contains("./tandem run", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TANDEM_ONNXRUNTIME", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Installed_library_that_is_damaged_is_named()
    {
        string file = Install("linux", "x64", "libonnxruntime.so.1");
        var failure = Assert.Throws<ProcessorFailedException>(
            () => OrtLibrary.Load(null, _folder, OrtPlatform.Of(OSPlatform.Linux, Architecture.X64)));
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LINUX", Architecture.X64, "linux", "x64", "libonnxruntime.so.1")]
    [InlineData("LINUX", Architecture.Arm64, "linux", "arm64", "libonnxruntime.so.1")]
    [InlineData("OSX", Architecture.Arm64, "darwin", "arm64", "libonnxruntime.1.dylib")]
    [InlineData("WINDOWS", Architecture.X64, "win32", "x64", "onnxruntime.dll")]
    public void Installed_library_is_found_from_a_folder_below(
        string system, Architecture architecture, string folder, string subfolder, string name)
    {
        string file = Install(folder, subfolder, name);
        string below = Directory.CreateDirectory(Path.Combine(_folder, "src", "bin", "Debug")).FullName;
        Assert.Equal(file, OrtLibrary.FindInstalled(below, OrtPlatform.Of(OSPlatform.Create(system), architecture)));
    }

    [Fact]
    public void Another_library_is_not_taken_for_onnx_runtime()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "uses a library that every Linux has");
        var failure = Assert.Throws<ProcessorFailedException>(() => new OrtApi(NativeLibrary.Load("libc.so.6")));
        Assert.Contains("OrtGetApiBase", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_tells_version_and_providers()
    {
        Assert.Matches(@"^1\.\d+\.\d+", OrtEnv.Instance().GetVersionString());
        Assert.Contains("CPUExecutionProvider", OrtEnv.Instance().GetAvailableProviders());
        Assert.Same(OrtEnv.Instance(), OrtEnv.Instance());
    }

    private string Install(string folder, string subfolder, string name)
    {
        string[] path = [_folder, "native", "node_modules", "onnxruntime-node", "bin", "napi-v6", folder, subfolder];
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(path)).FullName, name);
        File.WriteAllText(file, "damaged");
        return file;
    }
}
