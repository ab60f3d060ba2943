using System.CommandLine;
using Tandem.Cli.Data;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>The options of 'tandem progressive train'.</summary>
internal sealed class TrainOptionsSet
{
    public ModelOptions Model { get; } = new(isRequired: false);

    public Option<string> Data { get; } = new("--data")
    {
        Description = $"Labelled images: {LabelledData.Kinds}. Where there are none to validate with, a tenth of each class is held back.",
        DefaultValueFactory = _ => LabelledData.Procedural,
    };

    public Option<string> Exits { get; } = new("--exits")
    {
        Description = "Where early exits are added, in percent of the network's multiply-accumulates, or 'none'. A network that has exits already "
            + "keeps those.",
        DefaultValueFactory = _ => TrainingRequest.DefaultExits,
    };

    public Option<bool> HeadsOnly { get; } = new("--heads-only")
    {
        Description = "Train the exits' heads only; the network of the file stays as it is.",
    };

    public Option<int?> Epochs { get; } = new("--epochs") { Description = "Passes through the data; 12 for 'procedural', else 30." };

    public Option<int> Batch { get; } = new("--batch") { Description = "Images of a step.", DefaultValueFactory = _ => 128 };

    public Option<double> LearningRate { get; } = new("--learning-rate")
    {
        Description = "The greatest learning rate. It rises to it over the first twentieth of training and falls to 0 by a cosine.",
        DefaultValueFactory = _ => 0.1,
    };

    public Option<double> LabelSmoothing { get; } = new("--label-smoothing")
    {
        Description = "The share of the true class's probability that is spread over all classes; with --exits none.",
    };

    public Option<ulong> Seed { get; } = new("--seed")
    {
        Description = "Equal seeds give equal weights, order of images and changes to them.",
        DefaultValueFactory = _ => 1,
    };

    public Option<int> Threads { get; } = new("--threads") { Description = "Threads that train; one for each core by default." };

    public Option<string> Pixels { get; } = new("--pixels")
    {
        Description = "How pixels become numbers: data (mean 0 and deviation 1 on the images to train on), raw, unit, signed or imagenet. "
            + "By default as the network's file says, else data.",
    };

    public Option<bool> FromScratch { get; } = new("--from-scratch")
    {
        Description = "Draw new weights in place of those in the model's file. Built-in networks always begin with new ones.",
    };

    public Option<string> Out { get; } = new("--out") { Description = "The trained network's file; by default NETWORK-trained.onnx." };

    public Option<string> Checkpoint { get; } = new("--checkpoint")
    {
        Description = "A file that is written after each epoch and when training is interrupted. Where it is there, training goes on from it.",
    };

    public Option<bool> Restart { get; } = new("--restart") { Description = "Begin anew even where there is a checkpoint." };

    public Option<string> Metrics { get; } = new("--metrics") { Description = "Write loss, accuracy and speed there, as CSV." };

    public Option<string> Html { get; } = new("--html") { Description = "Write a page with the curves there." };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the results as JSON." };

    public void AddTo(Command command)
    {
        Model.AddTo(command);
        foreach (Option option in new Option[]
        {
            Data, Exits, HeadsOnly, Epochs, Batch, LearningRate, LabelSmoothing, Seed, Threads, Pixels, FromScratch, Out, Checkpoint, Restart, Metrics, Html, Json,
        })
        {
            command.Add(option);
        }
    }
}
