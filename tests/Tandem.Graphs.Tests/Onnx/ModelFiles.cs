using Tandem.Graphs.Onnx;

namespace Tandem.Graphs.Tests.Onnx;

/// <summary>The real networks that some checkouts have beside them; tests that need them are skipped where they are absent.</summary>
internal static class ModelFiles
{
    private static readonly string? Folder = Find();

    /// <summary>The models by path below the folder, as theory data.</summary>
    public static TheoryData<string> All { get; } =
    [
        "SqueezeNet_fp16.onnx", "candy.onnx", "mnist.onnx", "version-RFB-320.onnx",
        "light/light_bvlc_alexnet.onnx", "light/light_densenet121.onnx", "light/light_inception_v1.onnx",
        "light/light_inception_v2.onnx", "light/light_resnet50.onnx", "light/light_shufflenet.onnx",
        "light/light_squeezenet.onnx", "light/light_vgg19.onnx", "light/light_zfnet512.onnx",
    ];

    /// <summary>The full path of a file; skips the running test where it is absent.</summary>
    public static string Path(string name)
    {
        string? path = Folder is null ? null : System.IO.Path.Combine(Folder, name);
        Assert.SkipUnless(path is not null && File.Exists(path), $"shared/data/models/{name} is not there");
        return path!;
    }

    /// <summary>The network in a file; skips the running test where it is absent.</summary>
    public static Graph Load(string name) => OnnxFile.Load(Path(name));

    private static string? Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = System.IO.Path.Combine(at.FullName, "shared", "data", "models");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }
        return null;
    }
}
