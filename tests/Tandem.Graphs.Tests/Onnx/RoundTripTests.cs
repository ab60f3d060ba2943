using Tandem.Graphs.Onnx;

namespace Tandem.Graphs.Tests.Onnx;

public sealed class RoundTripTests
{
    public static TheoryData<string> Models => ModelFiles.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_written_and_read_again_is_the_same(string file)
    {
        Graph graph = ModelFiles.Load(file);

        Graph again = OnnxFile.Parse(OnnxFile.Serialize(graph), graph.Name);

        GraphAssert.Equal(graph, again);
    }

    [Fact]
    public void A_saved_model_is_read_again_and_leaves_nothing_else_behind()
    {
        Graph graph = SmallModels.Convolution();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem");
        try
        {
            string path = Path.Combine(folder.FullName, "conv.onnx");
            OnnxFile.Save(graph, path);
            OnnxFile.Save(graph, path);

            GraphAssert.Equal(graph, OnnxFile.Load(path));
            Assert.Equal([path], Directory.GetFiles(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Saving_where_nothing_can_be_written_says_so()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "conv.onnx");

        var failure = Assert.Throws<TandemException>(() => OnnxFile.Save(SmallModels.Convolution(), path));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }
}
