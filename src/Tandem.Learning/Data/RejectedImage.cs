namespace Tandem.Learning.Data;

/// <summary>An image that was left out because it cannot be decoded.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Reason">One line that says what is wrong with it.</param>
public sealed record RejectedImage(string Path, string Reason);
