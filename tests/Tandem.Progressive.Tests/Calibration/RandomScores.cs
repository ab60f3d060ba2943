using Tandem.Progressive.Calibration;

namespace Tandem.Progressive.Tests.Calibration;

/// <summary>Scores that a seed draws: later exits are more often right, and surer.</summary>
internal static class RandomScores
{
    public static ExitScores Of(int seed, int exits, int images, int classes)
    {
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, images).Select(_ => random.Next(classes))];
        float[][] logits = [.. Enumerable.Range(0, exits).Select(exit => Logits(random, labels, classes, 1 + exit))];
        return new ExitScores(logits, labels, classes);
    }

    /// <summary>Growing costs.</summary>
    public static double[] Macs(int exits) => [.. Enumerable.Range(1, exits).Select(i => (100.0 * i) + (i * i))];

    private static float[] Logits(Random random, int[] labels, int classes, double sureness)
    {
        float[] logits = new float[labels.Length * classes];
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = (float)((random.NextDouble() * 4) + (labels[i / classes] == i % classes ? sureness : 0));
        }
        return logits;
    }
}
