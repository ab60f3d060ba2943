using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Runs graphs on the OpenCL device and on ONNX Runtime and compares the outputs.</summary>
[Collection(SharedOpenCl.Name)]
public abstract class OpenClTestBase(OpenClFixture fixture)
{
    protected const double Tolerance = 2e-5;

    protected OpenClFixture Fixture => fixture;

    private protected void Check(GraphSketch sketch, string outputs = "y", double tolerance = Tolerance) =>
        Check(sketch.Build(outputs), tolerance);

    /// <summary>Checks that all outputs are within a share of the greatest element's size.</summary>
    protected void Check(Graph graph, double tolerance = Tolerance)
    {
        OpenClProcessor processor = fixture.Processor;
        float[][] inputs = GraphSketch.Values(graph);
        float[][] expected = SliceRunner.Run(fixture.Reference, graph, inputs);
        float[][] actual = SliceRunner.Run(processor, graph, inputs);
        for (int i = 0; i < expected.Length; i++)
        {
            Compare.CloseToScale(expected[i], actual[i], tolerance);
        }
    }

    /// <summary>How many kernels a graph is run by.</summary>
    private protected static int LaunchCount(ICompiledSlice slice) =>
        ((OpenClCompiledSlice)slice).Program.Launches.Count;
}
