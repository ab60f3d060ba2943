using FsCheck;
using FsCheck.Fluent;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

/// <summary>Properties over random seeds.</summary>
internal static class Property
{
    /// <summary>Checks gradients of what is drawn from each of some random seeds.</summary>
    public static void ForSeeds(int count, Action<GradientCheck> check, int opset = GradientBuilder.Opset) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(new GradientCheck(seed) { Opset = opset })));
}
