namespace Tandem.Cli.Reports;

/// <summary>Every step with its numbers, folded away until it is asked for.</summary>
internal sealed class StepTable(ReportModel model, ProcessorPalette palette)
{
    private static readonly string[] NumberColumns =
        ["start ms", "predicted ms", "start ms", "measured ms", "gather", "compute", "scatter", "difference"];

    public void WriteTo(MarkupWriter page)
    {
        (string Processor, ReportStep? Predicted, ReportStep? Measured)[] rows = [.. model.Lanes.SelectMany(Pair)
            .OrderBy(r => (r.Predicted ?? r.Measured)?.Id)];
        if (rows.Length == 0)
        {
            return;
        }
        page.Open("section", ("id", "steps")).Open("details");
        page.Element("summary", $"All {rows.Length} steps");
        page.Open("div", ("class", "scroll")).Open("table");
        page.Open("thead").Open("tr");
        foreach (string name in (string[])["step", "processor", "slice", "kernels", "after"])
        {
            page.Element("th", name, ("scope", "col"));
        }
        foreach (string name in NumberColumns)
        {
            page.Element("th", name, ("scope", "col"), ("class", "number"));
        }
        page.Close().Close().Open("tbody");
        foreach ((string processor, ReportStep? predicted, ReportStep? measured) in rows)
        {
            WriteRow(page, processor, predicted, measured);
        }
        page.Close().Close().Close().Close();
        page.Element("p", "Gather, compute and scatter as measured, or as predicted where the plan was not run. "
            + "Difference: measured against predicted duration.", ("class", "caption"));
        page.Close();
    }

    private void WriteRow(MarkupWriter page, string processor, ReportStep? predicted, ReportStep? measured)
    {
        if ((predicted ?? measured) is not { } plan)
        {
            return;
        }
        ReportStep? parts = (measured ?? plan) is { HasParts: true } whole ? whole : null;
        page.Open("tr", ("data-step", NumberText.Integer(plan.Id)));
        page.Element("td", NumberText.Integer(plan.Id));
        page.Open("td");
        ProcessorPalette.WriteKey(page, palette.ClassOf(processor), processor);
        page.Close();
        page.Element("td", plan.Label);
        page.Element("td", KernelRanges.Format(plan.Kernels));
        page.Element("td", string.Join(", ", plan.DependsOn));
        double? difference = predicted is { DurationMs: > 0 } p && measured is { } m ? m.DurationMs / p.DurationMs - 1 : null;
        foreach (double? value in (double?[])[predicted?.StartMs, predicted?.DurationMs, measured?.StartMs, measured?.DurationMs,
            parts?.GatherMs, parts?.ComputeMs, parts?.ScatterMs])
        {
            page.Element("td", NumberText.Milliseconds(value), ("class", "number"));
        }
        page.Element("td", NumberText.SignedPercent(difference), ("class", "number"));
        page.Close();
    }

    private static IEnumerable<(string Processor, ReportStep? Predicted, ReportStep? Measured)> Pair(ReportLane lane)
    {
        IReadOnlyList<ReportStep> measured = lane.Measured ?? [];
        foreach (ReportStep step in lane.Predicted)
        {
            yield return (lane.Processor, step, measured.FirstOrDefault(m => m.Id == step.Id));
        }
        foreach (ReportStep step in measured.Where(m => lane.Predicted.All(p => p.Id != m.Id)))
        {
            yield return (lane.Processor, null, step);
        }
    }
}
