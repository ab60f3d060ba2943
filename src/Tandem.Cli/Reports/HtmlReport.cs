using System.Text;

namespace Tandem.Cli.Reports;

/// <summary>
/// A report as one HTML file that needs nothing else: no network, no further files. It is well-formed XML as well, so other
/// programs can read it.
/// </summary>
public static class HtmlReport
{
    /// <summary>The page for a model.</summary>
    public static string Render(ReportModel model)
    {
        var palette = new ProcessorPalette(model);
        return Render(model.Title ?? $"{model.NetworkName}: Tandem report", page =>
        {
            new Headline(model).WriteTo(page);
            new PolicyTable(model).WriteTo(page);
            new NetworkPicture(model, palette).WriteTo(page);
            new Timeline(model, palette).WriteTo(page);
            new ProcessorSummary(model, palette).WriteTo(page);
            new StepTable(model, palette).WriteTo(page);
        });
    }

    /// <summary>A page in the style of all reports.</summary>
    /// <param name="title">What the browser calls it.</param>
    /// <param name="writeMain">Writes the elements of the main part.</param>
    internal static string Render(string title, Action<MarkupWriter> writeMain)
    {
        var page = new MarkupWriter();
        page.WriteDocumentType();
        page.Open("html", ("xmlns", "http://www.w3.org/1999/xhtml"), ("lang", "en"));
        WriteHead(page, title);
        page.Open("body").Open("main");
        writeMain(page);
        page.Close();
        page.Embed("script", Resource("report.js"));
        page.Close().Close();
        return page.ToString();
    }

    /// <summary>Writes the page to a file; an existing file is replaced only when the new one is complete.</summary>
    /// <exception cref="ReportException">The file cannot be written.</exception>
    public static void Save(ReportModel model, string path) => SavePage(Render(model), path);

    /// <summary>Writes a rendered page to a file; an existing file is replaced only when the new one is complete.</summary>
    /// <exception cref="ReportException">The file cannot be written.</exception>
    internal static void SavePage(string text, string path)
    {
        string partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            File.WriteAllText(partial, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Discard(partial);
            throw new ReportException($"cannot write the report to '{path}' ({OneLine(e.Message)}): "
                + "name a file in a folder that exists and can be written", e);
        }
    }

    private static void WriteHead(MarkupWriter page, string title)
    {
        page.Open("head");
        page.Empty("meta", ("charset", "utf-8"));
        page.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        page.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
        page.Element("title", title);
        page.Embed("style", Resource("report.css"));
        page.Close();
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("Tandem.Cli.Reports." + name)
            ?? throw new InvalidOperationException($"the resource '{name}' is not embedded");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static void Discard(string partial)
    {
        try
        {
            File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // The write has failed and is being reported; a leftover that cannot be deleted adds nothing to that.
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
