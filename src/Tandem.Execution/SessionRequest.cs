using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>One inference that somebody asked a session for: where its values come from and where they go.</summary>
internal readonly record struct SessionRequest(
    IReadOnlyDictionary<string, OrtValue> Inputs,
    IReadOnlyCollection<string> OutputNames,
    IReadOnlyList<OrtValue> Outputs)
{
    public void Fill(PlanExecutor executor)
    {
        foreach ((string name, OrtValue value) in Inputs)
        {
            if (executor.Touches(name))
            {
                value.GetTensorMutableRawData().CopyTo(executor.Memory(name).AsSpan<byte>());
            }
        }
    }

    public void Take(PlanExecutor executor)
    {
        int index = 0;
        foreach (string name in OutputNames)
        {
            executor.Memory(name).AsSpan<byte>().CopyTo(Outputs[index++].GetTensorMutableRawData());
        }
    }
}
