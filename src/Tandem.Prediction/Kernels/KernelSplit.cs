using System.Security.Cryptography;
using System.Text;

namespace Tandem.Prediction.Kernels;

/// <summary>What a measured kernel is for when a predictor is judged.</summary>
public enum KernelSplit
{
    /// <summary>Predictors are fitted to it.</summary>
    Training,

    /// <summary>Predictors are fitted to it in the end; while they are designed it is left out, to decide by.</summary>
    Validation,

    /// <summary>Only for the final score.</summary>
    Test,
}

/// <summary>Splits kernels by a hash of their configuration: the same everywhere and for ever, so that nobody can choose what is tested.</summary>
public static class KernelSplits
{
    // Of 256.
    private const int TestParts = 64;
    private const int ValidationParts = 48;

    /// <summary>What a kernel is for: a quarter for testing, three sixteenths for validation.</summary>
    public static KernelSplit Of(in KernelConfiguration kernel)
    {
        byte place = SHA256.HashData(Encoding.UTF8.GetBytes(kernel.ToString()))[0];
        return place < TestParts ? KernelSplit.Test : place < TestParts + ValidationParts ? KernelSplit.Validation : KernelSplit.Training;
    }
}
