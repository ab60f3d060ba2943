using System.Globalization;
using Tandem;
using Tandem.Bench.PredictorAccuracy;
using Tandem.Prediction.Store;

try
{
    if (args.Contains("--random"))
    {
        RandomKernels.Print(
            After("--profile") ?? ProfilePath.Default, args.Contains("--validation"),
            int.Parse(After("--worst") ?? "0", NumberStyles.None, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    }
    string[] models = [.. args.Where(a => a != "--networks")];
    models = models.Length > 0 ? models : ["resnet50", "vgg16", "googlenet", "mobilenetv2", "squeezenet1.1", "yolov2-tiny"];
    AccuracyReport.Print(models, args.Contains("--networks"), Console.Out);
    return 0;
}
catch (Exception e) when (e is TandemException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

string? After(string option) => Array.IndexOf(args, option) is >= 0 and int place && place + 1 < args.Length ? args[place + 1] : null;
