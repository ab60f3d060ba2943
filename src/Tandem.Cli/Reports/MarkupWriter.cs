using System.Text;
using System.Xml;

namespace Tandem.Cli.Reports;

/// <summary>
/// Writes markup that is HTML and well-formed XML at once. All text and attribute values are escaped here and nowhere else, so
/// no name of a model file can become markup.
/// </summary>
internal sealed class MarkupWriter
{
    private static readonly HashSet<string> VoidElements = ["meta", "br", "hr", "col", "link"];

    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>The document type of HTML; goes first.</summary>
    public void WriteDocumentType() => _text.Append("<!DOCTYPE html>\n");

    /// <summary>Opens an element; <see cref="Close"/> ends it.</summary>
    public MarkupWriter Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        WriteTag(name, attributes);
        _text.Append('>');
        _open.Push(name);
        return this;
    }

    /// <summary>Ends the element that was opened last.</summary>
    public MarkupWriter Close()
    {
        string name = _open.Pop();
        _text.Append("</").Append(name).Append('>');
        if (name is not ("title" or "text" or "span" or "td" or "th" or "strong"))
        {
            _text.Append('\n');
        }
        return this;
    }

    /// <summary>Writes escaped text into the open element.</summary>
    public MarkupWriter Text(string text)
    {
        AppendEscaped(text);
        return this;
    }

    /// <summary>Writes an element that contains only text.</summary>
    public MarkupWriter Element(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Open(name, attributes).Text(text).Close();

    /// <summary>Writes an element without content.</summary>
    public MarkupWriter Empty(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        if (VoidElements.Contains(name))
        {
            WriteTag(name, attributes);
            _text.Append("/>\n");
            return this;
        }
        return Open(name, attributes).Close();
    }

    /// <summary>Writes a filled rectangle of a drawing.</summary>
    public MarkupWriter Rectangle(string cssClass, double x, double y, double width, double height) => Empty(
        "rect",
        ("class", cssClass),
        ("x", NumberText.Coordinate(x)),
        ("y", NumberText.Coordinate(y)),
        ("width", NumberText.Coordinate(Math.Max(0, width))),
        ("height", NumberText.Coordinate(Math.Max(0, height))));

    /// <summary>Writes a line of a drawing.</summary>
    public MarkupWriter Line(string cssClass, double x1, double y1, double x2, double y2) => Empty(
        "line",
        ("class", cssClass),
        ("x1", NumberText.Coordinate(x1)),
        ("y1", NumberText.Coordinate(y1)),
        ("x2", NumberText.Coordinate(x2)),
        ("y2", NumberText.Coordinate(y2)));

    /// <summary>Writes text into a drawing; <paramref name="y"/> is its base line.</summary>
    public MarkupWriter Label(string cssClass, double x, double y, string text) => Element(
        "text", text, ("class", cssClass), ("x", NumberText.Coordinate(x)), ("y", NumberText.Coordinate(y)));

    /// <summary>Writes text that runs upwards, centred on a point.</summary>
    public MarkupWriter UprightLabel(string cssClass, double x, double y, string text) => Element(
        "text", text, ("class", cssClass),
        ("transform", $"translate({NumberText.Coordinate(x)} {NumberText.Coordinate(y)}) rotate(-90)"));

    /// <summary>Writes the product's own style sheet or script, which holds neither &lt; nor &amp;.</summary>
    /// <exception cref="InvalidOperationException">It holds one: it would not mean the same in HTML and XML.</exception>
    public MarkupWriter Embed(string name, string content)
    {
        if (content.AsSpan().ContainsAny('<', '&'))
        {
            throw new InvalidOperationException($"the embedded {name} holds '<' or '&'");
        }
        Open(name);
        _text.Append('\n').Append(content);
        return Close();
    }

    /// <summary>The finished document.</summary>
    /// <exception cref="InvalidOperationException">An element is still open.</exception>
    public override string ToString() => _open.Count == 0
        ? _text.ToString()
        : throw new InvalidOperationException($"the element '{_open.Peek()}' is still open");

    private void WriteTag(string name, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append('<').Append(name);
        foreach ((string attribute, string value) in attributes)
        {
            _text.Append(' ').Append(attribute).Append("=\"");
            AppendEscaped(value);
            _text.Append('"');
        }
    }

    private void AppendEscaped(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                _text.Append(c).Append(text[++i]);
                continue;
            }
            _ = c switch
            {
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '&' => _text.Append("&amp;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                _ => _text.Append(XmlConvert.IsXmlChar(c) ? c : '\uFFFD'),
            };
        }
    }
}
