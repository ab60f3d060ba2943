using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// One inference that somebody asked a session for: where its values come from and where they go. Lists are walked by index, because
/// enumerators behind interfaces are allocated.
/// </summary>
internal readonly record struct SessionRequest(
    Graph Network,
    IReadOnlyDictionary<string, OrtValue> Inputs,
    IReadOnlyList<string> OutputNames,
    IReadOnlyList<OrtValue> Outputs) : ISessionRequest
{
    /// <inheritdoc/>
    public void Run(PlanExecutor executor, CancellationToken cancellation) =>
        executor.Run(this, static (r, executor) => r.Fill(executor), static (r, executor) => r.Take(executor), cancellation);

    private void Fill(PlanExecutor executor)
    {
        for (int i = 0; i < Network.Inputs.Count; i++)
        {
            string name = Network.Inputs[i].Name;
            if (executor.Touches(name))
            {
                Inputs[name].GetTensorMutableRawData().CopyTo(executor.Memory(name).AsSpan<byte>());
            }
        }
    }

    private void Take(PlanExecutor executor)
    {
        for (int i = 0; i < OutputNames.Count; i++)
        {
            executor.Memory(OutputNames[i]).AsSpan<byte>().CopyTo(Outputs[i].GetTensorMutableRawData());
        }
    }
}
