using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Progressive.Quantization;

/// <summary>Writes quantised networks.</summary>
public static class QuantizedFile
{
    /// <summary>Writes a file, which is replaced only when all is written.</summary>
    /// <param name="quantized">What <see cref="PostTrainingQuantizer"/> made.</param>
    /// <param name="path">The file.</param>
    /// <param name="format">Its form.</param>
    /// <exception cref="TandemException">The file cannot be written.</exception>
    /// <exception cref="InvalidModelException">ONNX Runtime refuses the network.</exception>
    public static void Save(Graph quantized, string path, QuantizedFormat format)
    {
        if (format == QuantizedFormat.Qdq)
        {
            OnnxFile.Save(quantized, path);
            return;
        }
        string unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            // Tells what is wrong with a path more plainly than ONNX Runtime.
            File.WriteAllBytes(unfinished, []);
            Fuse(quantized, unfinished);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TandemException($"cannot write '{path}': {e.Message}", e);
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }

    // ONNX Runtime's own optimiser does it, so that the file is what it would run for the other form.
    private static void Fuse(Graph quantized, string path)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = path,
        };
        try
        {
            using var session = new InferenceSession(OnnxFile.Serialize(quantized), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot fuse network '{quantized.Name}': {e.Detail}", e);
        }
    }
}
