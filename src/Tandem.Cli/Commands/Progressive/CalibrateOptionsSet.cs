using System.CommandLine;
using Tandem.Cli.Data;
using Tandem.Learning.Data;
using Tandem.Progressive.Calibration;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>The options of 'tandem progressive calibrate'.</summary>
internal sealed class CalibrateOptionsSet
{
    private readonly Option<string> _data = new("--data") { Description = $"Labelled images: {LabelledData.Kinds}.", Required = true };

    private readonly Option<string> _part = new("--part")
    {
        Description = "Which of the images: test (those that training with the same --data and --seed left out), train, or all.",
        DefaultValueFactory = _ => "test",
    };

    private readonly Option<double> _split = new("--split")
    {
        Description = "The fraction of them by which thresholds are chosen, above 0 and up to 1. The others tell what the choice is worth.",
        DefaultValueFactory = _ => 0.5,
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "The seed of training, where the data are not divided already.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<double> _maxLoss = new("--max-loss")
    {
        Description = "How many points of accuracy may be lost against the last exit alone. The cheapest thresholds within that are chosen.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _temperature = new("--temperature")
    {
        Description = "Scale each exit's confidence so that it equals its accuracy.",
    };

    private readonly Option<bool> _perExit = new("--per-exit") { Description = "Search a threshold for each exit instead of one for all." };

    private readonly Option<bool> _latency = new("--latency")
    {
        Description = "Predict latency, and with --power energy, on each processor too. Measures kernels that the profile lacks.",
    };

    public Argument<string> Model { get; } = new("model") { Description = "An ONNX file of a network with exits." };

    public Option<string> Out { get; } = new("--out") { Description = "The file to write; by default the model itself is replaced." };

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON." };

    public DeviceArguments Device { get; } = new();

    public DeploymentArguments Deployment { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(Model);
        foreach (Option option in new Option[] { _data, _part, _split, _seed, _maxLoss, _temperature, _perExit, _latency, Out, Json })
        {
            command.Add(option);
        }
        Device.AddTo(command);
        Deployment.AddTo(command);
    }

    public bool WantsLatency(ParseResult parsed) => parsed.GetValue(_latency);

    /// <summary>What is to be chosen.</summary>
    /// <exception cref="TandemException">An option is out of range.</exception>
    public CalibratorOptions Read(ParseResult parsed)
    {
        double points = parsed.GetValue(_maxLoss);
        if (!(points is >= 0 and <= 100))
        {
            throw new TandemException(FormattableString.Invariant($"--max-loss {points}: give points of accuracy, 0 to 100"));
        }
        return new CalibratorOptions
        {
            MaxLoss = points / 100,
            FitsTemperatures = parsed.GetValue(_temperature),
            PerExit = parsed.GetValue(_perExit),
        };
    }

    /// <summary>The images, and which of them thresholds are chosen by and which are for the report; null for none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shape">What the network reads.</param>
    /// <exception cref="TandemException">There are no such images, or an option is out of range.</exception>
    public (string Name, ILabelledImages Calibration, ILabelledImages? Test) Images(ParseResult parsed, ImageShape shape)
    {
        double split = parsed.GetValue(_split);
        if (!(split is > 0 and <= 1))
        {
            throw new TandemException(FormattableString.Invariant($"--split {split}: give a fraction above 0 and up to 1"));
        }
        string part = parsed.GetValue(_part)!;
        if (part is not ("test" or "train" or "all"))
        {
            throw new TandemException($"--part {part}: give test, train or all");
        }
        ulong seed = parsed.GetValue(_seed);
        var data = LabelledData.Open(parsed.GetValue(_data)!, shape, seed);
        foreach (string notice in data.Notices)
        {
            Console.Error.WriteLine($"tandem: {notice}");
        }
        ILabelledImages images = part switch
        {
            "test" => data.Validation,
            "train" => data.Training,
            _ => new JoinedImages(data.Training, data.Validation),
        };
        string name = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(data.Name))}, {part}";
        if (split == 1)
        {
            return (name, images, null);
        }
        (ImageSubset test, ImageSubset calibration) = StratifiedSplit.Of(images, split, seed);
        return (name, calibration, test);
    }
}
