namespace Tandem.Graphs.Exits;

/// <summary>How sure an exit is of one image.</summary>
public static class Confidence
{
    /// <summary>The largest softmax probability, and the class it is for. Allocates nothing.</summary>
    /// <param name="logits">One image's scores before the softmax, at least one.</param>
    /// <param name="temperature">What they are divided by first; above 0.</param>
    /// <returns>The class (the first of equals), and its probability; where a score is no number, a probability that is none either.</returns>
    public static (int Class, double Probability) Of(ReadOnlySpan<float> logits, double temperature = 1)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
            {
                best = i;
            }
        }
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            sum += Math.Exp((logits[i] - (double)logits[best]) / temperature);
        }
        return (best, 1 / sum);
    }
}
