using System.Globalization;
using System.Text.Json.Nodes;

namespace Tandem.Cli.Output;

/// <summary>What 'tandem quantize' prints.</summary>
internal static class QuantizationOutput
{
    /// <summary>Prints a report for people or programs.</summary>
    /// <param name="report">The report.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="isJson">Whether for programs.</param>
    public static void Print(QuantizationReport report, int classes, bool isJson)
    {
        if (isJson)
        {
            Json.Print(Of(report, classes));
            return;
        }
        AccuracyOutput.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Model}, {report.Results[0].Score.Images} test images; calibrated ({report.Method}) on {report.CalibrationImages} others"),
            classes, report.Results);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Path}: {report.QuantizedBytes / 1e6:0.00} MB, float32 {report.OriginalBytes / 1e6:0.00} MB "
            + $"({(double)report.OriginalBytes / report.QuantizedBytes:0.0} times as large)"));
    }

    /// <summary>The JSON form; these field names never change.</summary>
    public static JsonObject Of(QuantizationReport report, int classes)
    {
        AccuracyResult single = report.Results[0];
        AccuracyResult bytes = report.Results[1];
        JsonObject json = new()
        {
            ["model"] = report.Model,
            ["file"] = report.Path,
            ["calibrationImages"] = report.CalibrationImages,
            ["method"] = report.Method,
            ["fp32Bytes"] = report.OriginalBytes,
            ["int8Bytes"] = report.QuantizedBytes,
            ["fp32"] = AccuracyOutput.Of(single, classes),
            ["int8"] = AccuracyOutput.Of(bytes, classes),
            ["accuracyDifference"] = Json.Number(bytes.Score.Accuracy - single.Score.Accuracy),
        };
        if (single.Latency is { } slow && bytes.Latency is { } fast)
        {
            json["latencyRatio"] = Json.Number(fast.MedianMs / slow.MedianMs);
        }
        return json;
    }
}
