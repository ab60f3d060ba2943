using System.CommandLine;
using System.Globalization;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;
using Tandem.Processors;
using Tandem.Progressive.Quantization;

namespace Tandem.Cli.Commands;

/// <summary>The options that say how a network is quantised.</summary>
/// <param name="writesFile">Whether the command writes the network to a file.</param>
internal sealed class QuantizationArguments(bool writesFile = true)
{
    private readonly Option<string> _method = new("--method")
    {
        Description = "How ranges are chosen: minmax covers all that activations were seen to be, percentile cuts outliers, mse makes the squared "
            + "error least, entropy the divergence of distributions.",
        DefaultValueFactory = _ => CalibrationMethods.Default.Name,
    };

    private readonly Option<double> _percentile = new("--percentile")
    {
        Description = "What '--method percentile' covers, in percent.",
        DefaultValueFactory = _ => PercentileCalibration.DefaultPercent,
    };

    private readonly Option<bool> _perTensor = new("--per-tensor")
    {
        Description = "One scale for all weights of an operator, in place of one for each output channel.",
    };

    private readonly Option<bool> _symmetric = new("--symmetric")
    {
        Description = "Zero lies in the middle of the bytes' range for activations that can be negative. Weights are symmetric in any case.",
    };

    private readonly Option<string> _reduce = new("--reduce-range")
    {
        Description = "7-bit weights for x86 processors without VNNI, where 8-bit sums saturate: auto (as this machine needs), always or never.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> _format = new("--format")
    {
        Description = "qdq: standard ONNX for any runtime; qoperator: fused by ONNX Runtime, and for it only.",
        DefaultValueFactory = _ => "qdq",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _method, _percentile, _perTensor, _symmetric, _reduce })
        {
            command.Add(option);
        }
        if (writesFile)
        {
            command.Add(_format);
        }
    }

    /// <summary>The calibration method.</summary>
    /// <exception cref="TandemException">There is none of that name, or the percentile is out of range.</exception>
    public ICalibrationMethod Method(ParseResult parsed)
    {
        double percent = parsed.GetValue(_percentile);
        if (!(percent is > 50 and <= 100))
        {
            throw new TandemException(string.Create(CultureInfo.InvariantCulture, $"--percentile {percent}: give more than 50, 100 at most"));
        }
        var method = CalibrationMethods.Named(parsed.GetValue(_method)!);
        return method is PercentileCalibration ? new PercentileCalibration(percent) : method;
    }

    /// <summary>How the network is quantised.</summary>
    /// <exception cref="TandemException">An option has a value that it does not know.</exception>
    public QuantizationOptions Options(ParseResult parsed) => new()
    {
        WeightsPerChannel = !parsed.GetValue(_perTensor),
        SymmetricActivations = parsed.GetValue(_symmetric),
        ReducesWeightRange = parsed.GetValue(_reduce) switch
        {
            "auto" => IntegerKernels.MaySaturate,
            "always" => true,
            "never" => false,
            string other => throw new TandemException($"--reduce-range {other}: give auto, always or never"),
            null => false,
        },
    };

    /// <summary>The form of the file.</summary>
    /// <exception cref="TandemException">There is none of that name.</exception>
    public QuantizedFormat Format(ParseResult parsed) => parsed.GetValue(_format) switch
    {
        "qdq" => QuantizedFormat.Qdq,
        "qoperator" => QuantizedFormat.QOperator,
        string other => throw new TandemException($"--format {other}: give qdq or qoperator"),
        null => QuantizedFormat.Qdq,
    };
}
