using Tandem.Graphs;

namespace Tandem.Bench.TrainingStep;

/// <summary>What one depthwise operator of the blocked layout can do in a single pass over its tensors.</summary>
/// <param name="Graph">Where operators are added.</param>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Channels; a multiple of 16.</param>
/// <param name="Extent">Rows and columns.</param>
internal sealed record ChannelPasses(StepGraph Graph, long Batch, long Channels, long Extent)
{
    // Times any positive number of single precision's usual range this is above 1.
    private const double Huge = 1e30;

    /// <summary>Pixels of one channel in all images.</summary>
    public double Count => (double)Batch * Extent * Extent;

    /// <summary>The mean of each channel: [C].</summary>
    public string Mean(string x)
    {
        string images = Graph.Reshape(Graph.AddBlocked("GlobalAveragePool", [x]), Batch, Channels);
        return Graph.Add("ReduceMean", [images], ("axes", Ints(0)), ("keepdims", new AttributeValue.Int(0)));
    }

    /// <summary>The sum of the products of two tensors over each channel: [C]. One takes the place of a depthwise kernel as large as an image.</summary>
    public string Dot(string x, string y)
    {
        long planes = Batch * Channels;
        string sums = Graph.AddBlocked(
            "Conv", [Graph.Reshape(x, 1, planes, Extent, Extent), Graph.Reshape(y, planes, 1, Extent, Extent)],
            ("kernel_shape", Ints(Extent, Extent)), ("group", new AttributeValue.Int(planes)));
        return Graph.SumOver(Graph.Reshape(sums, Batch, Channels), 0);
    }

    /// <summary>x times a factor for each channel, plus an offset for each channel, plus another tensor, then an activation.</summary>
    public string Affine(string x, string factors, string? offsets, string? sum = null, bool relu = false)
    {
        List<string> inputs = [x, Graph.Reshape(factors, Channels, 1, 1, 1)];
        if (offsets is not null || sum is not null)
        {
            inputs.Add(offsets ?? "");
        }
        if (sum is not null)
        {
            inputs.Add(sum);
        }
        return relu
            ? Graph.AddBlocked("Conv", inputs, Window, Groups(Channels), ("activation", new AttributeValue.Text("Relu")))
            : Graph.AddBlocked("Conv", inputs, Window, Groups(Channels));
    }

    /// <summary>1 where a tensor is above 0, else 0.</summary>
    public string Positive(string x) => Graph.AddBlocked(
        "Conv", [x, Graph.Filled(Huge, Channels, 1, 1, 1)], Window, Groups(Channels),
        ("activation", new AttributeValue.Text("Clip")), ("activation_params", new AttributeValue.Floats([0, 1])));

    /// <summary>A tensor times a number for each channel of each image: [N, C].</summary>
    public string TimesPlanes(string x, string numbers)
    {
        long planes = Batch * Channels;
        string result = Graph.AddBlocked(
            "Conv", [Graph.Reshape(x, 1, planes, Extent, Extent), Graph.Reshape(numbers, planes, 1, 1, 1)], Window, Groups(planes));
        return Graph.Reshape(result, Batch, Channels, Extent, Extent);
    }

    private static (string, AttributeValue) Window => ("kernel_shape", Ints(1, 1));

    private static (string, AttributeValue) Groups(long count) => ("group", new AttributeValue.Int(count));

    private static AttributeValue.Ints Ints(params long[] values) => new(values);
}
