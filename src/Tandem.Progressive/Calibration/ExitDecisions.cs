using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>How sure every exit is of every image, and whether it is right: all that thresholds depend on.</summary>
public sealed class ExitDecisions
{
    private readonly double[] _confidences;
    private readonly bool[] _isRight;

    /// <summary>Computes them.</summary>
    /// <param name="scores">What the exits say.</param>
    /// <param name="temperatures">The temperature of each exit.</param>
    public ExitDecisions(ExitScores scores, IReadOnlyList<double> temperatures)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(temperatures.Count, scores.Exits);
        (Exits, Images) = (scores.Exits, scores.Images);
        _confidences = new double[Exits * Images];
        _isRight = new bool[Exits * Images];
        for (int exit = 0; exit < Exits; exit++)
        {
            for (int image = 0; image < Images; image++)
            {
                (int predicted, double probability) = scores.ConfidenceOf(exit, image, temperatures[exit]);
                _confidences[(exit * Images) + image] = probability;
                _isRight[(exit * Images) + image] = predicted == scores.LabelOf(image);
            }
        }
    }

    /// <summary>The number of exits, the last included.</summary>
    public int Exits { get; }

    /// <summary>The number of images.</summary>
    public int Images { get; }

    /// <summary>How sure an exit is of an image.</summary>
    public double ConfidenceOf(int exit, int image) => _confidences[(exit * Images) + image];

    /// <summary>Whether an exit is right about an image.</summary>
    public bool IsRight(int exit, int image) => _isRight[(exit * Images) + image];

    /// <summary>The exit at which an image leaves.</summary>
    /// <param name="image">The image.</param>
    /// <param name="thresholds">The threshold of each exit but the last.</param>
    /// <param name="first">The first exit that is asked.</param>
    public int ExitOf(int image, IReadOnlyList<double> thresholds, int first = 0)
    {
        int exit = first;
        while (exit < Exits - 1 && !(ConfidenceOf(exit, image) >= thresholds[exit]))
        {
            exit++;
        }
        return exit;
    }

    /// <summary>What thresholds do to the images.</summary>
    /// <param name="thresholds">The threshold of each exit but the last.</param>
    public OperatingPoint At(IReadOnlyList<double> thresholds)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(thresholds.Count, Exits - 1);
        int[] leaving = new int[Exits];
        int right = 0;
        for (int image = 0; image < Images; image++)
        {
            int exit = ExitOf(image, thresholds);
            leaving[exit]++;
            right += IsRight(exit, image) ? 1 : 0;
        }
        return new OperatingPoint([.. thresholds], (double)right / Images, [.. leaving.Select(count => (double)count / Images)]);
    }
}
