using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>
/// The weights' side of Winograd's F(m x m, 3 x 3) by Toom and Cook's algorithm: U = G g G^T, where row i of G evaluates a
/// polynomial at point i over the product of the point's distances from the others; the last point is infinity (Lavin and
/// Gray, 2016). The other two matrices are in gpu_winograd.cl.
/// </summary>
internal static class ToomCook
{
    private const int Window = 3;

    /// <summary>Points on each axis for so many outputs.</summary>
    internal static int Points(int outputs) => outputs + Window - 1;

    /// <summary>Weights of 3x3 windows as [group][point][input channel][output channel].</summary>
    internal static ConstantSlot Pack(ConvolutionCall call, int outputs, ConstantPool constants)
    {
        int points = Points(outputs), pairs = call.GroupIn * call.GroupOut;
        double[] g = Evaluation(outputs);
        ConstantSlot slot = constants.ReserveWeights((long)call.Groups * points * points * pairs, out Span<float> packed);
        var transformed = new double[points * points];
        for (int output = 0; output < call.Groups * call.GroupOut; output++)
        {
            int group = output / call.GroupOut, channel = output % call.GroupOut;
            for (int input = 0; input < call.GroupIn; input++)
            {
                Transform(g, call.Weights.AsSpan((output * call.GroupIn + input) * Window * Window, Window * Window), points, transformed);
                int to = group * points * points * pairs + input * call.GroupOut + channel;
                for (int point = 0; point < transformed.Length; point++)
                {
                    packed[to + point * pairs] = (float)transformed[point];
                }
            }
        }
        return slot;
    }

    private static void Transform(double[] g, ReadOnlySpan<float> weights, int points, double[] transformed)
    {
        for (int i = 0; i < points; i++)
        {
            for (int j = 0; j < points; j++)
            {
                double sum = 0;
                for (int k = 0; k < Window * Window; k++)
                {
                    sum += g[i * Window + k / Window] * weights[k] * g[j * Window + k % Window];
                }
                transformed[i * points + j] = sum;
            }
        }
    }

    /// <summary>The matrix G, row by row.</summary>
    private static double[] Evaluation(int outputs)
    {
        double near = Math.Sqrt(0.5), far = Math.Sqrt(2);
        double[] finite = outputs == 2 ? [0, 1, -1] : [0, near, -near, far, -far];
        var matrix = new double[Points(outputs) * Window];
        for (int point = 0; point < finite.Length; point++)
        {
            double scale = 1;
            foreach (double other in finite.Where(other => other != finite[point]))
            {
                scale /= finite[point] - other;
            }
            for (int power = 0; power < Window; power++)
            {
                matrix[point * Window + power] = scale * Math.Pow(finite[point], power);
            }
        }
        matrix[^1] = 1;
        return matrix;
    }
}
