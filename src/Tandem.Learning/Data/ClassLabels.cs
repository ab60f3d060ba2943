using System.Globalization;

namespace Tandem.Learning.Data;

/// <summary>
/// Turns the texts of a label column into classes. The classes are those that the user names; without, whole numbers from 0 on
/// where the first label is one, and else all names that occur, in order.
/// </summary>
internal sealed class ClassLabels
{
    private readonly List<(string Text, long Line)> _texts = [];

    /// <summary>Takes the next label and the line that it is on.</summary>
    internal void Add(string text, long line) => _texts.Add((text, line));

    /// <summary>The classes and the label of each line.</summary>
    /// <param name="named">The classes that the user names; null where the labels tell.</param>
    /// <param name="source">What error messages call the file.</param>
    /// <exception cref="DatasetException">A label is out of range or no class; the message has its line.</exception>
    internal (IReadOnlyList<string> Classes, int[] Labels) Resolve(IReadOnlyList<string>? named, string source)
    {
        bool isNumeric = _texts.Count > 0 && Number(_texts[0].Text) is not null;
        IReadOnlyList<string> classes = named ?? (isNumeric ? Numbers(source) : Names());
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < classes.Count; i++)
        {
            byName.TryAdd(classes[i], i);
        }
        int[] labels = new int[_texts.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            (string text, long line) = _texts[i];
            labels[i] = byName.TryGetValue(text, out int label) ? label
                : Number(text) is { } number && number >= 0 && number < classes.Count ? (int)number
                : throw new DatasetException($"{source}, line {line}: label '{text}' is out of range: "
                    + $"use 0 to {classes.Count - 1} or a class's name, or name all classes");
        }
        return (classes, labels);
    }

    private List<string> Numbers(string source)
    {
        long most = 0;
        foreach ((string text, long line) in _texts)
        {
            if (Number(text) is not { } number || number < 0 || number >= _texts.Count)
            {
                throw new DatasetException($"{source}, line {line}: label '{text}' is out of range: "
                    + "labels are whole numbers from 0 on, without gaps, or name the classes");
            }
            most = Math.Max(most, number);
        }
        return [.. Enumerable.Range(0, (int)most + 1).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    }

    private List<string> Names() => [.. _texts.Select(t => t.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}
