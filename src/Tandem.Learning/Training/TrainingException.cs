namespace Tandem.Learning.Training;

/// <summary>Training that cannot begin, or a checkpoint that cannot be used.</summary>
public class TrainingException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public TrainingException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public TrainingException(string message, Exception? innerException) : base(message, innerException) { }
}
