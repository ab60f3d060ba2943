using Tandem;
using Tandem.Bench.LayerSearch;

try
{
    string[] models = args.Length > 0 ? args : ["resnet50", "vgg16", "googlenet", "mobilenetv2"];
    new LayerSearch(Console.Out).Print(models);
    return 0;
}
catch (TandemException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
