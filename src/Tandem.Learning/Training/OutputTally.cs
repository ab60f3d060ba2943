using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>Adds up how well one output of a session classifies images.</summary>
internal sealed class OutputTally
{
    private readonly TrainingSession _session;
    private readonly string _output;
    private readonly int _classes;
    private readonly bool _areProbabilities;
    private double _loss;
    private long _correct;
    private long _images;

    /// <summary>Begins with no images.</summary>
    /// <param name="session">The session.</param>
    /// <param name="output">One of the network's outputs that hold a number for each image and class.</param>
    public OutputTally(TrainingSession session, string output)
    {
        _session = session;
        _output = output;
        Graph network = session.Graph.Forward;
        _classes = (int)network.Tensors[output].Shape[1];
        _areProbabilities = network.Producer(output)?.Type == "Softmax";
    }

    /// <summary>What has been added up.</summary>
    public OutputScore Score => new(_output, (double)_correct / _images, _loss / _images);

    /// <summary>How many images of the last step or evaluation are classified correctly. Allocates nothing.</summary>
    /// <param name="labels">The classes of those that count, which are the batch's first.</param>
    public int Correct(ReadOnlySpan<long> labels)
    {
        ReadOnlySpan<float> scores = _session.Output(_output);
        int correct = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            correct += Best(scores.Slice(i * _classes, _classes)) == labels[i] ? 1 : 0;
        }
        return correct;
    }

    /// <summary>Adds the images of the last evaluation.</summary>
    /// <param name="labels">The classes of those that count, which are the batch's first.</param>
    public void Add(ReadOnlySpan<long> labels)
    {
        ReadOnlySpan<float> scores = _session.Output(_output);
        for (int i = 0; i < labels.Length; i++)
        {
            _loss += CrossEntropy(scores.Slice(i * _classes, _classes), (int)labels[i]);
        }
        _correct += Correct(labels);
        _images += labels.Length;
    }

    /// <summary>The place of the greatest, the first of equals; -1 where there is a number that is none.</summary>
    private static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
            {
                return -1;
            }
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    private double CrossEntropy(ReadOnlySpan<float> scores, int label)
    {
        if (_areProbabilities)
        {
            return -Math.Log(Math.Max(scores[label], float.Epsilon));
        }
        double greatest = float.NegativeInfinity;
        foreach (float score in scores)
        {
            greatest = Math.Max(greatest, score);
        }
        double sum = 0;
        foreach (float score in scores)
        {
            sum += Math.Exp(score - greatest);
        }
        return Math.Log(sum) + greatest - scores[label];
    }
}
