using System.Reflection;
using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Execution;

/// <summary>
/// Which planner made a plan. Plans that were kept are used only by the same: one that cuts, predicts, searches or chooses otherwise would
/// make others.
/// </summary>
internal static class PlannerVersion
{
    /// <summary>
    /// The version of this program's planner: how plans are written, and the builds of all that decides about plans, which the compiler
    /// names by their content. What profiles hold, and what processors compile, is part of the processors' keys.
    /// </summary>
    public static string Current { get; } =
        Of([typeof(Graph).Assembly, typeof(Profile).Assembly, typeof(Plan).Assembly, typeof(PlannerVersion).Assembly]);

    /// <summary>The version of a planner that consists of some builds.</summary>
    public static string Of(IEnumerable<Assembly> builds) => string.Join(
        '\n', builds.Select(build => build.ManifestModule.ModuleVersionId.ToString()).Prepend($"{Plan.CurrentFormatVersion}"));
}
