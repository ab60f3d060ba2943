using System.CommandLine;
using Tandem.Planning;
using Tandem.Planning.Policies;

namespace Tandem.Cli.Commands;

/// <summary>The options that name policies.</summary>
internal static class PolicyOptions
{
    private const string Compared = "compared";

    private static string Names => string.Join(", ", PolicyRegistry.All.Select(p => p.Name));

    /// <summary>One policy.</summary>
    public static Option<string> One() => new("--policy")
    {
        Description = $"The policy that makes the plan: {Names}.",
        DefaultValueFactory = _ => PolicyNames.Tandem,
    };

    /// <summary>Several policies.</summary>
    public static Option<string> Several() => new("--policies")
    {
        Description = $"The policies to compare, joined by commas, or all, or {Compared} (those without ablations): {Names}.",
        DefaultValueFactory = _ => Compared,
    };

    /// <summary>The policies that a value of <see cref="Several"/> names.</summary>
    /// <exception cref="PlanException">There is no such policy.</exception>
    public static IReadOnlyList<string> Parse(string value) => value switch
    {
        "all" => [.. PolicyRegistry.All.Select(p => p.Name)],
        Compared => [.. PolicyRegistry.Compared.Select(p => p.Name)],
        _ => [.. value.Split(',').Select(name => PolicyRegistry.Find(name).Name)],
    };
}
