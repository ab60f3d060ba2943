using System.CommandLine;
using Tandem.Cli.Output;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>'tandem progressive inspect': shows the exits of a network and what its calibration found out.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "An ONNX file of a network with exits." };
        var html = new Option<string>("--html") { Description = "Write a self-contained page with tables and plots." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("inspect", "Show a network's exits, and what thresholds do to accuracy and cost.") { model, html, json };
        command.SetAction(parsed =>
        {
            var read = ProgressiveModel.Load(parsed.GetValue(model)!);
            if (parsed.GetValue(html) is { } page)
            {
                HtmlReport.SavePage(new ProgressivePage(read).Render(), page);
            }
            if (parsed.GetValue(json))
            {
                Json.Print(ProgressiveJson.Of(read));
                return ExitCodes.Success;
            }
            ProgressiveTable.Print(read);
            if (read.Description.Calibration is null)
            {
                Console.Out.WriteLine("not calibrated: 'tandem progressive calibrate MODEL --data DATA' finds out what thresholds do");
            }
            return ExitCodes.Success;
        });
        return command;
    }
}
