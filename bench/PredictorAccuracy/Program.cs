using Tandem;
using Tandem.Bench.PredictorAccuracy;

try
{
    string[] models = [.. args.Where(a => a != "--networks")];
    models = models.Length > 0 ? models : ["resnet50", "vgg16", "googlenet", "mobilenetv2", "squeezenet1.1", "yolov2-tiny"];
    AccuracyReport.Print(models, args.Contains("--networks"), Console.Out);
    return 0;
}
catch (TandemException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
