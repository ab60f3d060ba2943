using Tandem.Graphs.Exits;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;

namespace Tandem.Graphs.Tests.Exits;

public sealed class ProgressiveDescriptionTests
{
    private static readonly Graph Network = ModelZoo.Make("resnet20");

    private static readonly ProgressiveDescription Described = new(
    [
        new Exit(Network.Outputs[0].Name, 41_000_000) { Temperature = 1.25, Threshold = 0.7 },
    ])
    {
        Classes = ["cat", "dog"],
        Means = [0.5f, 0.25f],
        StandardDeviations = [0.1f, 0.2f],
    };

    [Fact]
    public void A_file_keeps_the_description()
    {
        Graph read = OnnxFile.Parse(OnnxFile.Serialize(Described.Describe(Network)), "again");

        ProgressiveDescription? description = ProgressiveDescription.Of(read);

        Assert.NotNull(description);
        Assert.Equal(Described.Exits, description.Exits);
        Assert.Equal(Described.Classes, description.Classes);
        Assert.Equal(Described.Means, description.Means);
        Assert.Equal(Described.StandardDeviations, description.StandardDeviations);
    }

    [Fact]
    public void An_ordinary_network_has_none() => Assert.Null(ProgressiveDescription.Of(Network));

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"exits":[]}""")]
    [InlineData("""{"exits":[{"output":"nowhere","macs":1}]}""")]
    public void A_damaged_description_is_refused(string json)
    {
        Graph damaged = Described.Describe(Network);
        damaged = new Graph(
            damaged.Name, damaged.Opsets, damaged.Inputs, [damaged.Outputs[0].Name], damaged.Operators, damaged.Constants.Values)
        {
            Metadata = new Dictionary<string, string> { [ProgressiveDescription.MetadataKey] = json },
        };

        var refused = Assert.Throws<InvalidModelException>(() => ProgressiveDescription.Of(damaged));

        Assert.Contains("tandem progressive train", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Confidence_is_the_largest_softmax_probability()
    {
        (int best, double probability) = Confidence.Of([1, 3, 2]);

        Assert.Equal(2, best + 1);
        Assert.Equal(1 / (1 + Math.Exp(-1) + Math.Exp(-2)), probability, 12);
    }

    [Fact]
    public void A_high_temperature_makes_confidence_equal_for_all() =>
        Assert.Equal(0.25, Confidence.Of([1, 2, 3, 4], 1e9).Probability, 6);

    [Fact]
    public void A_score_that_is_no_number_is_never_confident() =>
        Assert.False(Confidence.Of([float.NaN, 1]).Probability >= 0.1, "a threshold must not be reached");
}
