using Tandem.Graphs.Exits;

namespace Tandem.Execution.Exits;

/// <summary>Where an inference of a progressive network left, and with what.</summary>
/// <param name="Exit">Its place in <see cref="ProgressiveDescription.Exits"/>, from 0.</param>
/// <param name="Class">The class with the largest score; an index into <see cref="ProgressiveDescription.Classes"/> where these are known.</param>
/// <param name="Confidence">The softmax probability of that class at the exit's temperature; no number where the scores are none.</param>
/// <param name="Milliseconds">What the inference took, from call to return, in milliseconds.</param>
public readonly record struct ExitTaken(int Exit, int Class, double Confidence, double Milliseconds);
