namespace Tandem.Graphs.Networks.Architectures;

/// <summary>A network that the zoo can make.</summary>
internal interface INetworkArchitecture
{
    /// <summary>The name by which it is asked for.</summary>
    string Name { get; }

    /// <summary>Rows and columns of the image for which it was designed.</summary>
    int DefaultInputSize { get; }

    /// <summary>The smallest image that leaves something for its last layers.</summary>
    int SmallestInputSize => 32;

    /// <summary>Adds its layers to a builder and returns its output.</summary>
    Tensor Build(GraphBuilder net, Tensor image);
}
