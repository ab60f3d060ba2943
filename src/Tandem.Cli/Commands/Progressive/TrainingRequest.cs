using System.CommandLine;
using System.Globalization;
using Tandem.Graphs.Networks;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>What the command line of 'tandem progressive train' asks for, checked.</summary>
internal sealed class TrainingRequest
{
    /// <summary>The network that is trained unless another is named.</summary>
    public const string DefaultModel = "resnet20";

    /// <summary>SPINN's six exits.</summary>
    public const string DefaultExits = "15,30,45,60,75,90";

    private const string NoExits = "none";
    private const int ProceduralEpochs = 12;
    private const int OtherEpochs = 30;

    private readonly int? _epochs;

    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="TandemException">A number makes no sense, or files cannot be written where they are to go.</exception>
    public TrainingRequest(ParseResult parsed, TrainOptionsSet options)
    {
        Model = parsed.GetValue(options.Model.Model) ?? DefaultModel;
        IsBuiltIn = !File.Exists(Model) && ModelZoo.Names.Contains(Model);
        Data = parsed.GetValue(options.Data)!;
        ExitPositions = Positions(parsed.GetValue(options.Exits)!, options.Exits.Name);
        HasDefaultExits = parsed.GetResult(options.Exits) is null or { Implicit: true };
        TrainsHeadsOnly = parsed.GetValue(options.HeadsOnly);
        Batch = parsed.GetValue(options.Batch);
        LearningRate = parsed.GetValue(options.LearningRate);
        LabelSmoothing = parsed.GetValue(options.LabelSmoothing);
        Seed = parsed.GetValue(options.Seed);
        Threads = parsed.GetValue(options.Threads);
        Pixels = parsed.GetValue(options.Pixels);
        DrawsWeights = IsBuiltIn || parsed.GetValue(options.FromScratch);
        Checkpoint = parsed.GetValue(options.Checkpoint);
        Resumes = Checkpoint is not null && File.Exists(Checkpoint) && !parsed.GetValue(options.Restart);
        Metrics = parsed.GetValue(options.Metrics);
        Html = parsed.GetValue(options.Html);
        Out = parsed.GetValue(options.Out) ?? $"{Path.GetFileNameWithoutExtension(Model)}-trained.onnx";
        IsJson = parsed.GetValue(options.Json);
        _epochs = parsed.GetValue(options.Epochs);
        Check(options, parsed);
    }

    /// <summary>A file, or the name of a built-in network.</summary>
    public string Model { get; }

    public bool IsBuiltIn { get; }

    public string Data { get; }

    /// <summary>Where exits are added, as shares of the network's multiply-accumulates; empty for nowhere.</summary>
    public IReadOnlyList<double> ExitPositions { get; }

    /// <summary>Whether the command line does not say where.</summary>
    public bool HasDefaultExits { get; }

    public bool TrainsHeadsOnly { get; }

    public int Batch { get; }

    public double LearningRate { get; }

    public double LabelSmoothing { get; }

    public ulong Seed { get; }

    /// <summary>The seed of the weights that training begins with.</summary>
    public int WeightSeed => unchecked((int)Seed);

    /// <summary>0 for one for each core.</summary>
    public int Threads { get; }

    public string? Pixels { get; }

    /// <summary>Whether training begins with new weights.</summary>
    public bool DrawsWeights { get; }

    public string? Checkpoint { get; }

    /// <summary>Whether training goes on from the checkpoint.</summary>
    public bool Resumes { get; }

    public string? Metrics { get; }

    public string? Html { get; }

    public string Out { get; }

    public bool IsJson { get; }

    /// <summary>Passes through the data.</summary>
    public int Epochs(bool isProcedural) => _epochs ?? (isProcedural ? ProceduralEpochs : OtherEpochs);

    private static double[] Positions(string text, string option)
    {
        if (text == NoExits)
        {
            return [];
        }
        return Array.ConvertAll(text.Split(','), part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double percent)
            ? percent / 100
            : throw new TandemException($"{option} '{text}': give percentages such as {DefaultExits}, or {NoExits}"));
    }

    private void Check(TrainOptionsSet options, ParseResult parsed)
    {
        Require(_epochs is null or >= 1, $"{options.Epochs.Name} {_epochs}: give 1 or more");
        Require(Batch >= 1, $"{options.Batch.Name} {Batch}: give 1 or more");
        Require(
            LearningRate > 0 && double.IsFinite(LearningRate), $"{options.LearningRate.Name} {Text(LearningRate)}: give a number above 0, such as 0.1");
        Require(
            LabelSmoothing is >= 0 and < 1, $"{options.LabelSmoothing.Name} {Text(LabelSmoothing)}: give a number from 0 to below 1, such as 0.1");
        Require(
            Threads >= 1 || parsed.GetResult(options.Threads) is null or { Implicit: true }, $"{options.Threads.Name} {Threads}: give 1 or more");
        Require(
            LabelSmoothing == 0 || ExitPositions.Count == 0,
            $"{options.LabelSmoothing.Name} is for networks without exits; give {options.Exits.Name} {NoExits} too, or leave it out");
        Require(
            !TrainsHeadsOnly || !DrawsWeights,
            $"{options.HeadsOnly.Name} needs a network that is trained: give its file, without {options.FromScratch.Name}");
        Require(
            !TrainsHeadsOnly || ExitPositions.Count > 0, $"{options.HeadsOnly.Name} trains exits, but {options.Exits.Name} is {NoExits}");
        foreach ((Option<string> option, string? path) in new[]
        {
            (options.Out, Out), (options.Checkpoint, Checkpoint), (options.Metrics, Metrics), (options.Html, Html),
        })
        {
            // Known before hours of training, not after.
            Require(
                path is null || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))),
                $"{option.Name} '{path}': its folder is not there; make it, or name a file elsewhere");
            Require(!Directory.Exists(path), $"{option.Name} '{path}' is a folder; name a file");
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new TandemException(message);
        }
    }
}
