using System.Diagnostics;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;

namespace Tandem.Execution;

/// <summary>How long planning alone takes: deciding, from a complete profile, without measuring kernels and without running plans.</summary>
public static class PlanningTime
{
    /// <summary>
    /// What a policy takes to plan a network, in milliseconds, with nothing remembered from planning before. For
    /// <see cref="PolicyNames.Tandem"/>, all policies together among whose plans it chooses.
    /// </summary>
    /// <param name="deployment">The network; profiled first where that was not done, which is not counted.</param>
    /// <param name="policy">Name of the policy.</param>
    /// <exception cref="PlanException">There is no such policy, or it has no plan for this network on this device.</exception>
    public static double Milliseconds(Deployment deployment, string policy)
    {
        PlanningProblem known = deployment.Problem;
        string[] policies = policy == PolicyNames.Tandem && known.Cooperating.Count > 1 ? NetworkPlans.Rivals : [policy];
        long start = Stopwatch.GetTimestamp();
        PlanningProblem problem = known with { Predictor = new SlicePredictor(deployment.Network, deployment.Profile) };
        foreach (string name in policies)
        {
            try
            {
                _ = PolicyRegistry.Find(name).MakePlan(problem);
            }
            catch (PlanException) when (policies.Length > 1)
            {
                // This policy has no plan for the network; the others remain.
            }
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
