namespace Tandem.Progressive.Evaluation;

/// <summary>How well an output tells the classes of labelled images.</summary>
/// <param name="Images">How many images it was tried on.</param>
/// <param name="Top1">On how many of them the label has the highest score.</param>
/// <param name="Top5">On how many of them it is among the five highest.</param>
/// <param name="Agreed">On how many the highest score is of the same class as the reference's.</param>
public readonly record struct ClassificationScore(int Images, int Top1, int Top5, int Agreed)
{
    /// <summary>The share of images whose label has the highest score.</summary>
    public double Accuracy => (double)Top1 / Images;

    /// <summary>The share of images whose label is among the five highest.</summary>
    public double Top5Accuracy => (double)Top5 / Images;

    /// <summary>The share of images on which it agrees with the reference.</summary>
    public double Agreement => (double)Agreed / Images;

    /// <summary>The score with one more image.</summary>
    /// <param name="scores">What the network says.</param>
    /// <param name="label">What is true.</param>
    /// <param name="reference">What the reference says.</param>
    public ClassificationScore With(ReadOnlySpan<float> scores, int label, int reference)
    {
        int rank = RankOf(scores, label);
        return new(Images + 1, Top1 + (rank == 0 ? 1 : 0), Top5 + (rank < 5 ? 1 : 0), Agreed + (ClassOf(scores) == reference ? 1 : 0));
    }

    /// <summary>The class with the highest score, the first of equals; not-a-number comes last.</summary>
    public static int ClassOf(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best] || float.IsNaN(scores[best]))
            {
                best = i;
            }
        }
        return best;
    }

    /// <summary>How many classes come before one: those with higher scores, and the earlier of equals. Not-a-number comes last.</summary>
    private static int RankOf(ReadOnlySpan<float> scores, int label)
    {
        float own = scores[label];
        int before = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > own || (i < label && scores[i] == own) || (float.IsNaN(own) && i != label))
            {
                before++;
            }
        }
        return before;
    }
}
