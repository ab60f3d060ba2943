using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// Finds the best way to run a stream of inferences by running those that <see cref="ThroughputPlanner"/> knows in turns; predictions only say
/// which cannot be the best.
/// </summary>
public sealed class ThroughputChooser
{
    private const int MostRounds = 7;
    private const int LeastInferences = 12;
    private const int MostInferences = 200;
    private const double RoundMs = 150;
    private const int Seed = 7;

    // What is predicted to reach less than this part of the best is not run: predictions of whole networks are not that far off.
    private const double LeastPart = 0.75;

    private readonly Deployment _deployment;
    private readonly LocalDevice _device;
    private readonly PlanTuning _tuning;

    /// <summary>Makes a chooser.</summary>
    /// <param name="deployment">The network, profiled where that was not done.</param>
    /// <param name="device">The device that it is deployed on.</param>
    /// <param name="tuning">How much to spend: the rounds of finalists, and the least gain.</param>
    public ThroughputChooser(Deployment deployment, LocalDevice device, PlanTuning? tuning = null) =>
        (_deployment, _device, _tuning) = (deployment, device, tuning ?? new PlanTuning());

    /// <summary>The way to use: the one that was chosen before and kept, as tuned plans are, or a choice made now.</summary>
    /// <exception cref="PlanException">No processor can run the network.</exception>
    public ThroughputChoice Choose(CancellationToken cancellation = default)
    {
        if (_deployment.FindThroughput() is { } kept)
        {
            return kept;
        }
        ThroughputChoice choice = ChooseAnew(cancellation);
        _deployment.Keep(choice);
        return choice;
    }

    private ThroughputChoice ChooseAnew(CancellationToken cancellation)
    {
        IReadOnlyList<ThroughputPlan> all = ThroughputPlanner.Candidates(_deployment.Problem);
        double most = all.Max(plan => plan.PredictedPerSecond);
        ThroughputPlan[] plans = [.. all.Where(plan => plan.PredictedPerSecond == 0 || plan.PredictedPerSecond >= LeastPart * most)];
        return plans.Length == 1 ? new(plans[0], new Dictionary<string, double>()) : Run(plans, cancellation);
    }

    private ThroughputChoice Run(ThroughputPlan[] plans, CancellationToken cancellation)
    {
        List<ThroughputSession> sessions = [];
        using var meter = new ThroughputMeter(_deployment.Network.Graph, Fill);
        try
        {
            plans = [.. plans.Where(plan => TryOpen(plan, sessions))];
            int[] counts = [.. sessions.Select(session => CountFor(meter, session, cancellation))];
            double[][] rounds = [.. plans.Select(_ => new double[Math.Clamp(_tuning.FinalRuns, 1, MostRounds)])];
            for (int round = 0; round < rounds[0].Length; round++)
            {
                for (int i = 0; i < plans.Length; i++)
                {
                    int way = (i + round) % plans.Length;
                    rounds[way][round] = meter.PerSecond(sessions[way], counts[way], cancellation);
                }
            }
            return ThroughputChoice.Between(plans, rounds, _tuning.LeastGain);
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    private bool TryOpen(ThroughputPlan plan, List<ThroughputSession> sessions)
    {
        try
        {
            sessions.Add(new ThroughputSession(_deployment, _device, new ThroughputSessionOptions { Plan = plan }));
            return true;
        }
        catch (SliceRefusedException) when (plan.Name == PolicyNames.Pipeline)
        {
            // A stage may be refused whose kernels are not; the other ways remain.
            return false;
        }
    }

    /// <summary>How many inferences fill a round; finding that out warms the session up.</summary>
    private static int CountFor(ThroughputMeter meter, ThroughputSession session, CancellationToken cancellation) =>
        (int)Math.Clamp(RoundMs / 1000 * meter.PerSecond(session, LeastInferences, cancellation), LeastInferences, MostInferences);

    private void Fill(Tensor input, OrtValue value)
    {
        using var memory = new SharedBuffer(input.SizeInBytes);
        SeededInputs.Fill(_deployment.Network.Graph, input, memory, Seed);
        memory.AsSpan<byte>()[..(int)input.SizeInBytes].CopyTo(value.GetTensorMutableRawData());
    }
}
