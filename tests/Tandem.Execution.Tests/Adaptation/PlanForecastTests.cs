using Tandem.Execution.Adaptation;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Tests;

namespace Tandem.Execution.Tests.Adaptation;

public sealed class PlanForecastTests
{
    [Fact]
    public void Without_slowdown_it_is_the_plan_s_own_prediction_and_it_grows_with_any()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            Network network = RandomNetworks.Any(seed);
            Plan plan = RandomPlans.Make(network, seed, "a", "b", "c");
            var forecast = new PlanForecast(plan, new WorkerNames(["a", "b", "c"]));
            Assert.True(forecast.IsKnown);
            Assert.Equal(plan.PredictedMs, forecast.LatencyMs([1, 1, 1]), 9);
            Assert.Equal(3 * plan.PredictedMs, forecast.LatencyMs([3, 3, 3]), 9);
            double slower = forecast.LatencyMs([1, 2, 1]);
            Assert.InRange(slower, plan.PredictedMs, 2 * plan.PredictedMs);
            Assert.InRange(forecast.LatencyMs([1, 2.5, 1]), slower, double.MaxValue);
        }
    }

    [Fact]
    public void Plan_without_predictions_cannot_be_compared()
    {
        Plan plan = RandomPlans.Alternating(RandomNetworks.Chain(8, 6), "a");
        Plan unknown = plan with { Steps = [.. plan.Steps.Select(s => s with { PredictedMs = 0 })] };
        Assert.False(new PlanForecast(unknown, new WorkerNames(["a"])).IsKnown);
    }
}
