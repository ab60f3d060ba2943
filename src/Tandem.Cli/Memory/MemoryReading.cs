using System.Text.Json.Nodes;

namespace Tandem.Cli.Memory;

/// <summary>What one session held.</summary>
/// <param name="Session">"onnxruntime", or the policy.</param>
/// <param name="Runs">Inferences after the warm-up.</param>
/// <param name="ResidentBytes">Physical memory of the process after the last inference.</param>
/// <param name="FileBytes">Of that, pages of files (libraries, mapped weights), which the system can take back.</param>
/// <param name="PeakBytes">The most since the process began.</param>
/// <param name="GrowthBytes">Resident after the last inference, less resident after the warm-up.</param>
/// <param name="ManagedBytes">Managed memory that the calling threads allocated in the inferences after the warm-up.</param>
/// <param name="WrongOutputs">Inferences whose outputs were not those of plain ONNX Runtime.</param>
internal sealed record MemoryReading(
    string Session, int Runs, long ResidentBytes, long FileBytes, long PeakBytes, long GrowthBytes, long ManagedBytes, int WrongOutputs)
{
    /// <summary>The form in which the measuring process hands it over, and the command prints it.</summary>
    public JsonObject ToJson() => new()
    {
        ["session"] = Session,
        ["runs"] = Runs,
        ["residentBytes"] = ResidentBytes,
        ["fileBytes"] = FileBytes,
        ["peakBytes"] = PeakBytes,
        ["growthBytes"] = GrowthBytes,
        ["managedBytes"] = ManagedBytes,
        ["wrongOutputs"] = WrongOutputs,
    };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static MemoryReading Parse(string text)
    {
        JsonNode json = JsonNode.Parse(text)!;
        return new MemoryReading(
            (string)json["session"]!,
            (int)json["runs"]!,
            (long)json["residentBytes"]!,
            (long)json["fileBytes"]!,
            (long)json["peakBytes"]!,
            (long)json["growthBytes"]!,
            (long)json["managedBytes"]!,
            (int)json["wrongOutputs"]!);
    }
}
