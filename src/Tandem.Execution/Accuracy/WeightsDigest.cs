using System.Security.Cryptography;
using System.Text;
using Tandem.Graphs;

namespace Tandem.Execution.Accuracy;

/// <summary>
/// Tells networks of the same structure apart: latencies are equal for these, errors are not, because they depend on weights.
/// </summary>
internal static class WeightsDigest
{
    /// <summary>Equal for networks whose constants and calibration inputs are equal.</summary>
    public static string Of(Graph graph, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> calibration)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Constant constant in graph.Constants.Values.OrderBy(c => c.Tensor.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{constant.Tensor.Name}\n{constant.Tensor.Type}\n{constant.Tensor.Shape}\n"));
            hash.AppendData(constant.Data.Span);
        }
        foreach (ReadOnlyMemory<byte> input in calibration.SelectMany(run => run))
        {
            hash.AppendData(input.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
