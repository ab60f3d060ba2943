using FsCheck;
using FsCheck.Fluent;

namespace Tandem.Learning.Tests.Differentiation;

/// <summary>Properties over random seeds.</summary>
internal static class Property
{
    /// <summary>Checks gradients of what is drawn from each of some random seeds.</summary>
    public static void ForSeeds(int count, Action<GradientCheck> check) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(new GradientCheck(seed))));
}
