namespace Tandem.Learning.Metrics;

/// <summary>Makes curves of the metrics of a training run.</summary>
public static class TrainingCurves
{
    private const string Horizontal = "epoch";
    private const double Percent = 100;

    /// <summary>
    /// Loss and accuracy against epochs, training beside validation, and the learning rate: each where it was measured. Further columns
    /// go with accuracy or loss where their names end with "accuracy" or "loss".
    /// </summary>
    public static IReadOnlyList<CurveChart> Of(MetricsTable table)
    {
        CurveChart[] charts =
        [
            Chart("Loss", "loss", [
                Training(table, row => row.TrainingLoss),
                Epochs("validation", table, row => row.ValidationLoss),
                .. Further(table, "loss", 1)]),
            Chart("Accuracy", "accuracy, %", [
                Training(table, row => row.TrainingAccuracy * Percent),
                Epochs("validation", table, row => row.ValidationAccuracy * Percent),
                .. Further(table, "accuracy", Percent)]),
            Chart("Learning rate", "learning rate", [AllRows("learning rate", table.Rows, row => row.LearningRate)]),
        ];
        return [.. charts.Where(chart => chart.Curves.Count > 0)];
    }

    private static CurveChart Chart(string title, string vertical, IEnumerable<Curve> curves) =>
        new(title, Horizontal, vertical, [.. curves.Where(curve => curve.Points.Count > 0)]);

    /// <summary>Rows of steps tell more of training than rows of epochs, which are the mean over them.</summary>
    private static Curve Training(MetricsTable table, Func<MetricsRow, double?> value)
    {
        Curve steps = AllRows("training", table.Rows.Where(row => row.Kind == MetricsKind.Steps), value);
        return steps.Points.Count > 0 ? steps : Epochs("training", table, value);
    }

    private static Curve Epochs(string name, MetricsTable table, Func<MetricsRow, double?> value) =>
        AllRows(name, table.Rows.Where(row => row.Kind == MetricsKind.Epoch), value);

    private static Curve AllRows(string name, IEnumerable<MetricsRow> rows, Func<MetricsRow, double?> value) =>
        new(name, [.. rows.Where(row => value(row) is not null).Select(row => new CurvePoint(row.Epoch, value(row)!.Value))]);

    private static IEnumerable<Curve> Further(MetricsTable table, string quantity, double factor) =>
        from column in Enumerable.Range(0, table.FurtherColumns.Count)
        let name = table.FurtherColumns[column]
        where name.EndsWith(quantity, StringComparison.Ordinal)
        select AllRows(name.Replace('_', ' '), table.Rows, row => row.Further[column] * factor);
}
