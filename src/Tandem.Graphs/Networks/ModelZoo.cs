using Tandem.Graphs.Networks.Architectures;

namespace Tandem.Graphs.Networks;

/// <summary>
/// Well-known networks made on the spot, with seeded random weights: for tests, samples and benchmarks on machines that
/// have no model files. Opset 13, one input "image" of 3 channels.
/// </summary>
public static class ModelZoo
{
    /// <summary>The name of the small network that is the product's default.</summary>
    public const string DefaultName = "tandem-demo";

    private static readonly Dictionary<string, INetworkArchitecture> ByName = Index(
        new Vgg16(), new ResNet50(), new GoogLeNet(), new MobileNetV2(), new SqueezeNet(), new TinyYoloV2(),
        new ResNet20(), new ResNet8(), new TandemDemo());

    /// <summary>The networks that can be made.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The rows and columns of the image for which a network was designed.</summary>
    /// <exception cref="TandemException">No network has this name.</exception>
    public static int DefaultInputSize(string name) => Find(name).DefaultInputSize;

    /// <summary>Makes a network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="inputSize">Rows and columns of the image, 32 (GoogLeNet: 48) or more; null for those it was
    /// designed for.</param>
    /// <param name="seed">Equal seeds give equal weights on every machine.</param>
    /// <param name="batch">Images at once.</param>
    /// <exception cref="TandemException">No network has this name, or the image is too small.</exception>
    public static Graph Make(string name, int? inputSize = null, int seed = 1, int batch = 1)
    {
        INetworkArchitecture architecture = Find(name);
        int size = inputSize ?? architecture.DefaultInputSize;
        if (size < architecture.SmallestInputSize)
        {
            throw new TandemException(
                $"{name} needs an image of {architecture.SmallestInputSize} or more rows and columns, not {size}");
        }
        var builder = new GraphBuilder(name);
        Tensor output = architecture.Build(builder, builder.Input("image", batch, 3, size, size));
        return builder.Build(seed, output);
    }

    private static INetworkArchitecture Find(string name) => ByName.GetValueOrDefault(name)
        ?? throw new TandemException($"there is no network '{name}'; choose one of {string.Join(", ", Names)}");

    private static Dictionary<string, INetworkArchitecture> Index(params INetworkArchitecture[] architectures) =>
        architectures.ToDictionary(a => a.Name);
}
