using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tandem.Processors;

namespace Tandem.Execution.Accuracy;

/// <summary>The measured errors of a network's kernels as a file beside its plans. A file that cannot be read or written is as good as none.</summary>
internal sealed class KernelErrorFile
{
    // Raised when errors are measured otherwise, on other inputs, or quantised otherwise.
    private const int Version = 1;

    private readonly string _path;
    private readonly int _kernels;

    /// <summary>Names the file.</summary>
    /// <param name="directory">The folder of plans.</param>
    /// <param name="signature">The network's signature.</param>
    /// <param name="digest">That of its weights.</param>
    /// <param name="kernels">How many kernels it has.</param>
    public KernelErrorFile(string directory, string signature, string digest, int kernels)
    {
        string all = $"{signature}\n{digest}\n{IntegerKernels.MaySaturate}\n{Version}";
        _path = Path.Combine(directory, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 8))}-errors.json");
        _kernels = kernels;
    }

    /// <summary>The errors, or null.</summary>
    public IReadOnlyList<double?>? Find()
    {
        try
        {
            double?[]? errors = File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllText(_path), KernelErrorJson.Default.NullableDoubleArray) : null;
            return errors?.Length == _kernels && !errors.Any(error => error is < 0 or double.NaN) ? errors : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps errors.</summary>
    public void Keep(IReadOnlyList<double?> errors)
    {
        string partial = $"{_path}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllText(partial, JsonSerializer.Serialize([.. errors], KernelErrorJson.Default.NullableDoubleArray));
            File.Move(partial, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Next time they are measured again.
        }
    }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(double?[]))]
internal sealed partial class KernelErrorJson : JsonSerializerContext;
