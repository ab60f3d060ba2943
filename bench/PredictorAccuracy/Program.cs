using Tandem;
using Tandem.Bench.PredictorAccuracy;

try
{
    string[] models = args.Length > 0 ? args : ["resnet50", "vgg16", "googlenet", "mobilenetv2", "squeezenet1.1", "yolov2-tiny"];
    new AccuracyReport(Console.Out).Print(models);
    return 0;
}
catch (TandemException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
