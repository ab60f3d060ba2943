using Tandem.Cli.Commands;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Progressive.Evaluation;
using Tandem.Progressive.Quantization;

namespace Tandem.Cli;

/// <summary>Runs labelled images by plans of several policies and by plain ONNX Runtime, and measures their latencies in turns.</summary>
/// <param name="data">The images.</param>
/// <param name="method">How ranges of ONNX Runtime's 8-bit network are chosen; plans have the least and greatest seen on the same images.</param>
/// <param name="options">How ONNX Runtime's 8-bit network is quantised.</param>
/// <param name="rounds">Counted rounds of the latencies.</param>
internal sealed class PolicyAccuracy(EvaluationData data, ICalibrationMethod method, QuantizationOptions options, int rounds)
{
    /// <summary>Runs everything; policies that have no plan here are left out and named to the callback with the reason.</summary>
    public IReadOnlyList<AccuracyResult> Measure(
        Deployment deployed, IReadOnlyList<string> policies, Action<string, string> leftOut, CountLine progress, CancellationToken cancellation)
    {
        List<Plan> plans = [];
        foreach (string policy in policies)
        {
            try
            {
                plans.Add(deployed.PlanBy(policy, cancellation));
            }
            catch (PlanException e)
            {
                leftOut(policy, e.Message);
            }
        }
        List<IClassifier> classifiers = [];
        try
        {
            classifiers.Add(new SessionClassifier(AccuracyResult.Reference, OnnxFile.Serialize(deployed.Model), data.Classification));
            AddInt8(deployed.Model, classifiers, leftOut, cancellation);
            // A plan that two policies arrive at is run once.
            classifiers.AddRange(plans.DistinctBy(PlanShape.Of)
                .Select(plan => new PlanClassifier(plan.Policy, deployed.Start(plan), data.Classification)));
            var scores = data.Evaluator.Evaluate(classifiers, (done, total) => progress.Report("running", done, total), cancellation);
            IReadOnlyList<LatencyStatistics> latencies = ClassifierLatencies.Measure(classifiers, rounds, cancellation);
            AccuracyResult[] own = [.. classifiers.Select((classifier, i) => new AccuracyResult(classifier.Name, scores[i], latencies[i]))];
            return [.. own.TakeWhile(result => plans.All(plan => plan.Policy != result.Name)), .. plans.Select(plan => ResultOf(plan, plans, own))];
        }
        finally
        {
            classifiers.ForEach(classifier => classifier.Dispose());
        }
    }

    private static AccuracyResult ResultOf(Plan plan, List<Plan> plans, AccuracyResult[] own)
    {
        string run = plans.First(other => PlanShape.Of(other) == PlanShape.Of(plan)).Policy;
        AccuracyResult result = own.First(result => result.Name == run);
        return run == plan.Policy ? result : result with { Name = plan.Policy, SameAs = run };
    }

    private void AddInt8(Graph model, List<IClassifier> classifiers, Action<string, string> leftOut, CancellationToken cancellation)
    {
        try
        {
            Graph quantized = PostTrainingQuantizer.Quantize(model, data.Calibration.Inputs(), method, options, cancellation: cancellation);
            classifiers.Add(new SessionClassifier(AccuracyResult.Int8, OnnxFile.Serialize(quantized), data.Classification));
        }
        catch (QuantizationException e)
        {
            leftOut(AccuracyResult.Int8, e.Message);
        }
    }
}
