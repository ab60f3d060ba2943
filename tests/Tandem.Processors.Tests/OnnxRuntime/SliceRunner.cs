using Tandem.Graphs;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Runs a whole graph of single-precision tensors on a processor once.</summary>
internal static class SliceRunner
{
    /// <summary>The elements of each output, for the elements of each input.</summary>
    public static float[][] Run(IProcessor processor, Graph graph, IReadOnlyList<float[]> inputs)
    {
        SharedBuffer[] read = [.. graph.Inputs.Select(tensor => new SharedBuffer(tensor.SizeInBytes))];
        SharedBuffer[] written = [.. graph.Outputs.Select(tensor => new SharedBuffer(tensor.SizeInBytes))];
        try
        {
            for (int i = 0; i < read.Length; i++)
            {
                inputs[i].CopyTo(read[i].AsSpan<float>());
            }
            using ICompiledSlice slice = processor.Compile(graph);
            using IBoundSlice bound = slice.Bind(Views(read, graph.Inputs), Views(written, graph.Outputs));
            bound.Run();
            return [.. written.Select(buffer => buffer.AsSpan<float>().ToArray())];
        }
        finally
        {
            Array.ForEach(read, buffer => buffer.Dispose());
            Array.ForEach(written, buffer => buffer.Dispose());
        }
    }

    public static TensorView[] Views(IEnumerable<SharedBuffer> buffers, IEnumerable<Tensor> tensors) =>
        [.. buffers.Zip(tensors, (buffer, tensor) => new TensorView(buffer, 0, tensor, TensorRange.Whole))];
}
