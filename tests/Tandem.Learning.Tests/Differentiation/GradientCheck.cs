using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Differentiation;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Tests.Differentiation;

/// <summary>Writes a formula into a draft.</summary>
internal delegate Tensor Formula(GraphDraft draft, IReadOnlyList<Tensor> inputs);

/// <summary>The formula in double precision, where ONNX Runtime has no such kernel: input contents to output contents.</summary>
internal delegate double[] Reference(IReadOnlyList<double[]> inputs);

/// <summary>
/// Compares the gradients of a formula, computed by ONNX Runtime in single precision, with central differences in double precision.
/// </summary>
internal sealed class GradientCheck(int seed)
{
    private const double Distance = 1e-5;
    private const double Tolerance = 1e-3;

    private readonly Random _random = new(seed);

    /// <summary>The operator set of the formulas.</summary>
    public int Opset { get; init; } = GradientBuilder.Opset;

    /// <summary>The source of random shapes and attributes.</summary>
    public Random Random => _random;

    /// <summary>A random shape.</summary>
    public Shape Shape(int rank, int largest = 4) =>
        new([.. Enumerable.Range(0, rank).Select(_ => (long)_random.Next(1, largest + 1))]);

    /// <summary>Checks a formula that ONNX Runtime can also compute in double precision.</summary>
    /// <param name="shapes">Shapes of the inputs, for each of which there is a gradient.</param>
    /// <param name="formula">The formula.</param>
    /// <param name="low">The smallest number fed.</param>
    /// <param name="high">The largest number fed.</param>
    /// <param name="inDouble">Another way to write the formula that has kernels in double precision; null for the same.</param>
    public void Run(IReadOnlyList<Shape> shapes, Formula formula, double low = -1, double high = 1, Formula? inDouble = null)
    {
        double[][] inputs = [.. shapes.Select(shape => Spread(shape, low, high))];
        double[] weights = Weights(shapes, formula);
        using var exact = new Evaluation(ElementType.Float64, shapes, inDouble ?? formula, weights, withGradients: false, Opset);
        Compare(shapes, formula, weights, inputs, fed => exact.Run(fed)[0][0]);
    }

    /// <summary>Checks a formula against a reference of the tests.</summary>
    public void Run(IReadOnlyList<Shape> shapes, Formula formula, Reference reference, double low = -1, double high = 1)
    {
        double[][] inputs = [.. shapes.Select(shape => Spread(shape, low, high))];
        double[] weights = Weights(shapes, formula);
        Compare(shapes, formula, weights, inputs, fed => reference(fed).Zip(weights, (y, w) => y * w).Sum());
    }

    private void Compare(
        IReadOnlyList<Shape> shapes, Formula formula, double[] weights, double[][] inputs, Func<double[][], double> exact)
    {
        using var single = new Evaluation(ElementType.Float32, shapes, formula, weights, withGradients: true, Opset);
        double[][] results = single.Run(inputs);
        AssertClose([exact(inputs)], results[0], "the loss");
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] differences = new double[inputs[i].Length];
            for (int j = 0; j < differences.Length; j++)
            {
                double original = inputs[i][j];
                inputs[i][j] = original + Distance;
                double above = exact(inputs);
                inputs[i][j] = original - Distance;
                double below = exact(inputs);
                inputs[i][j] = original;
                differences[j] = (above - below) / (2 * Distance);
            }
            AssertClose(differences, results[i + 1], $"the gradient of input {i} {shapes[i]}");
        }
    }

    /// <summary>Asserts agreement relative to the largest number.</summary>
    public static void AssertClose(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1e-2, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= Tolerance * scale,
                $"{what} is {actual[i]} at {i}, but by central differences {expected[i]}");
        }
    }

    // Numbers that are all different, far apart compared with the distance, and not at bends such as 0: each is a random place in
    // a cell of its own.
    private double[] Spread(Shape shape, double low, double high)
    {
        int count = (int)shape.ElementCount;
        double cell = (high - low) / count;
        double[] numbers = [.. Enumerable.Range(0, count).Select(i => (float)(low + ((i + 0.2 + (0.25 * _random.NextDouble())) * cell)))];
        _random.Shuffle(numbers);
        return numbers;
    }

    private double[] Weights(IReadOnlyList<Shape> shapes, Formula formula)
    {
        var draft = new GraphDraft("shape", Opset);
        Tensor[] inputs = [.. shapes.Select((shape, i) => draft.Input(new Tensor($"x{i}", ElementType.Float32, shape)))];
        return [.. Enumerable.Range(0, (int)formula(draft, inputs).Shape.ElementCount).Select(_ => (double)(float)((_random.NextDouble() * 2) - 1))];
    }
}

/// <summary>A weighted sum of a formula's output, and its gradients, run by ONNX Runtime.</summary>
internal sealed class Evaluation : IDisposable
{
    private readonly InferenceSession _session;
    private readonly Graph _graph;

    public Evaluation(ElementType type, IReadOnlyList<Shape> shapes, Formula formula, double[] weights, bool withGradients, int opset = GradientBuilder.Opset)
    {
        var draft = new GraphDraft("formula", opset);
        Tensor[] inputs = [.. shapes.Select((shape, i) => draft.Input(new Tensor($"x{i}", type, shape)))];
        Tensor output = formula(draft, inputs);
        Tensor loss = draft.SumAll(draft.Mul(output, draft.Numbers(weights, type, output.Shape)));
        IReadOnlyList<Tensor> gradients = withGradients ? GradientBuilder.Add(draft, loss, inputs) : [];
        _graph = draft.ToGraph([loss.Name, .. gradients.Select(g => g.Name)]);
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        _session = new InferenceSession(OnnxFile.Serialize(_graph), options);
    }

    public double[][] Run(IReadOnlyList<double[]> inputs)
    {
        OrtValue[] values = [.. _graph.Inputs.Select((input, i) => input.Type == ElementType.Float64
            ? OrtValue.CreateTensorValueFromMemory(inputs[i], [.. input.Shape])
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(inputs[i], x => (float)x), [.. input.Shape]))];
        IReadOnlyList<OrtValue> outputs = _session.Run(
            null, [.. _graph.Inputs.Select(i => i.Name)], values, [.. _graph.Outputs.Select(o => o.Name)]);
        double[][] results = [.. outputs.Select((value, i) => _graph.Outputs[i].Type == ElementType.Float64
            ? value.GetTensorDataAsSpan<double>().ToArray()
            : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), x => (double)x))];
        foreach (OrtValue value in values.Concat(outputs))
        {
            value.Dispose();
        }
        return results;
    }

    public void Dispose() => _session.Dispose();
}
