using Tandem.Graphs;

namespace Tandem.Progressive.Exits;

/// <summary>A tensor of a network at which an inference could leave.</summary>
/// <param name="Tensor">The features: N, C, H, W, or N, tokens, C, or N, C.</param>
/// <param name="Fraction">The share of the network's multiply-accumulates that making it takes, above 0 and below 1.</param>
/// <param name="IsCut">Whether all that comes later depends on the network's input through this tensor alone.</param>
public sealed record ExitPlace(Tensor Tensor, double Fraction, bool IsCut);
