using Tandem.Graphs;
using Tandem.Planning;

namespace Tandem.Execution.Accuracy;

/// <summary>
/// Keeps plans within the user's budget of error: what is predicted of their error only decides what is tried, what is measured of a
/// finished plan decides.
/// </summary>
internal sealed class BudgetedPlans
{
    // Times that the allowance is scaled down before everything stays in float32.
    private const int Rounds = 12;

    // An allowance shrinks at least by this factor, or plans might not change, and at most by that.
    private const double LeastShrinking = 0.85;
    private const double MostShrinking = 0.1;

    // Other inputs may err somewhat more than those that a plan is proved on.
    private const double ProvedPart = 0.8;

    private readonly double _budget;
    private readonly IReadOnlyList<double?> _kernelErrors;
    private readonly Func<Plan, PlanExecutor> _start;
    private readonly Graph _graph;
    private readonly IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> _runs;
    private readonly Lazy<byte[][][]> _expected;
    private readonly Action _trim;

    /// <summary>Makes plans for a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="budget">The largest error of its outputs.</param>
    /// <param name="kernelErrors">What each kernel alone costs, see <see cref="KernelErrors"/>.</param>
    /// <param name="runs">The inputs that plans are compared with float32 on.</param>
    /// <param name="reference">The plan in float32 that they are compared with.</param>
    /// <param name="start">Makes a plan ready to run.</param>
    /// <param name="trim">Frees what was compiled for plans that are not used.</param>
    public BudgetedPlans(
        Graph graph,
        double budget,
        IReadOnlyList<double?> kernelErrors,
        IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> runs,
        Plan reference,
        Func<Plan, PlanExecutor> start,
        Action trim)
    {
        (_graph, _budget, _kernelErrors, _runs, _start, _trim) = (graph, budget, kernelErrors, runs, start, trim);
        _expected = new(() => OutputsOf(reference));
    }

    /// <summary>Whether the user allows a measured error of a plan.</summary>
    public bool Allows(double error) => error <= ProvedPart * _budget;

    /// <summary>The fastest plan of a policy whose measured error is within the budget, with that error.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="problem">What is planned, without a budget.</param>
    /// <param name="tune">Tunes the policy's plan for a problem by running it.</param>
    /// <exception cref="PlanException">The policy has no plan.</exception>
    public Plan Tune(IPolicy policy, PlanningProblem problem, Func<PlanningProblem, Plan> tune)
    {
        double allowance = _budget;
        for (int round = 0; round < Rounds; round++)
        {
            PlanningProblem allowed = problem with { Accuracy = new AccuracyBudget(allowance, _kernelErrors) };
            // Tuning takes long, and seldom changes the error much.
            Plan plan = policy.MakePlan(allowed);
            double error = plan.IsQuantized ? MeasureError(plan) : 0;
            if (Allows(error))
            {
                plan = tune(allowed);
                error = MeasureError(plan);
                if (Allows(error) || !plan.IsQuantized)
                {
                    return plan with { MeasuredError = error };
                }
            }
            allowance *= Math.Clamp(ProvedPart * _budget / error, MostShrinking, LeastShrinking);
            _trim();
        }
        Plan exact = tune(problem);
        return exact with { MeasuredError = MeasureError(exact) };
    }

    /// <summary>How far a plan's outputs are from those in float32: the worst of all outputs on all inputs.</summary>
    public double MeasureError(Plan plan)
    {
        byte[][][] actual = OutputsOf(plan);
        double worst = 0;
        for (int run = 0; run < actual.Length; run++)
        {
            for (int i = 0; i < _graph.Outputs.Count; i++)
            {
                worst = Math.Max(worst, OutputComparison.MaxRelativeError(_graph.Outputs[i].Type, actual[run][i], _expected.Value[run][i]));
            }
        }
        return worst;
    }

    /// <summary>For each run the bytes of each output.</summary>
    private byte[][][] OutputsOf(Plan plan)
    {
        using PlanExecutor executor = _start(plan);
        return [.. _runs.Select(inputs =>
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                if (executor.Touches(_graph.Inputs[i].Name))
                {
                    inputs[i].Span.CopyTo(executor.Memory(_graph.Inputs[i].Name).AsSpan<byte>());
                }
            }
            executor.Run();
            return _graph.Outputs.Select(output => executor.Memory(output.Name).AsSpan<byte>().ToArray()).ToArray();
        })];
    }
}
