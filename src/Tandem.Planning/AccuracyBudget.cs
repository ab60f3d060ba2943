using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning;

/// <summary>
/// How far 8-bit kernels may take a network's outputs from those in float32, and what each kernel is known to contribute.
/// </summary>
/// <remarks>
/// Rounding errors of different kernels have nothing to do with each other, so their squares add up: the error of a plan is predicted
/// as the root of the sum of the squares of its 8-bit kernels' errors, each weighted with the share of the kernel that computes in 8
/// bits. A kernel that is divided by rows computes its halo twice, and counts with its share all the same.
/// </remarks>
public sealed class AccuracyBudget
{
    private readonly IReadOnlyList<double?> _kernelErrors;

    /// <summary>Makes a budget.</summary>
    /// <param name="allowedError">The largest error of the outputs, relative, above 0.</param>
    /// <param name="kernelErrors">
    /// For each kernel the outputs' error when only it computes in 8 bits: infinite where that makes them infinite or no numbers, null
    /// where it has no integer kernel and so stays in float32 whatever is asked.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The allowed error is not above 0, or an error is negative or no number.</exception>
    public AccuracyBudget(double allowedError, IReadOnlyList<double?> kernelErrors)
    {
        if (!(allowedError > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(allowedError), allowedError, "an error above 0 is needed");
        }
        if (kernelErrors.Any(error => error is < 0 or double.NaN))
        {
            throw new ArgumentOutOfRangeException(nameof(kernelErrors), "errors are numbers and not negative");
        }
        AllowedError = allowedError;
        _kernelErrors = kernelErrors;
    }

    /// <summary>The largest error of the outputs that plans may be predicted to have.</summary>
    public double AllowedError { get; }

    /// <summary>The same, in the squares that add up over the slices of a plan.</summary>
    public double AllowedSquare => AllowedError * AllowedError;

    /// <summary>The same knowledge with another allowance.</summary>
    public AccuracyBudget Allowing(double error) => new(error, _kernelErrors);

    /// <summary>Whether some kernels can run in 8 bits: one has an integer kernel, and none ruins the outputs.</summary>
    public bool Admits(KernelRange kernels)
    {
        bool hasIntegerKernel = false;
        for (int k = kernels.First; k < kernels.End; k++)
        {
            hasIntegerKernel |= _kernelErrors[k] is not null;
            if (_kernelErrors[k] is double.PositiveInfinity)
            {
                return false;
            }
        }
        return hasIntegerKernel;
    }

    /// <summary>What a slice adds to the square of the error; 0 for one in float32.</summary>
    public double SquareOf(SliceSpec slice)
    {
        double square = 0;
        for (int k = slice.Kernels.First; slice.Precision == NumericPrecision.Int8 && k < slice.Kernels.End; k++)
        {
            square += SquareOf(k);
        }
        return square * slice.Share.Size;
    }

    /// <summary>The error that a plan is predicted to have.</summary>
    public double ErrorOf(Plan plan) => Math.Sqrt(plan.Steps.Sum(step => SquareOf(step.Slice)));

    private double SquareOf(int kernel) => _kernelErrors[kernel] is { } error ? error * error : 0;
}
