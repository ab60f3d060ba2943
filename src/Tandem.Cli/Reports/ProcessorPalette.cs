namespace Tandem.Cli.Reports;

/// <summary>
/// Gives every processor of a report its colour: the style sheet's classes p0 to p5, whose colours people with any of the
/// common colour-vision deficiencies can tell apart (after Okabe and Ito, "Color Universal Design").
/// </summary>
internal sealed class ProcessorPalette
{
    private const int Colours = 6;
    private readonly List<string> _processors;

    /// <summary>Lanes come first, then processors that only a kernel's shares name.</summary>
    public ProcessorPalette(ReportModel model) => _processors =
    [
        .. model.Lanes.Select(l => l.Processor)
            .Concat(model.Kernels.SelectMany(k => k.Shares).Select(s => s.Processor))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The processors in colour order.</summary>
    public IReadOnlyList<string> Processors => _processors;

    /// <summary>The style class of a processor's colour.</summary>
    public string ClassOf(string processor) => "p" + NumberText.Integer(OrderOf(processor) % Colours);

    /// <summary>A processor's place in colour order.</summary>
    public int OrderOf(string processor) => Math.Max(0, _processors.IndexOf(processor));

    /// <summary>Writes a coloured square and a text into a legend.</summary>
    public static void WriteKey(MarkupWriter page, string cssClass, string text) =>
        page.Open("span", ("class", "key")).Empty("i", ("class", cssClass)).Text(text).Close();
}
