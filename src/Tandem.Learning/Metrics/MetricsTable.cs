namespace Tandem.Learning.Metrics;

/// <summary>The metrics of a training run.</summary>
/// <param name="FurtherColumns">The names of the columns that <see cref="MetricsRow.Further"/> has beyond the usual ones.</param>
/// <param name="Rows">In the order of training.</param>
public sealed record MetricsTable(IReadOnlyList<string> FurtherColumns, IReadOnlyList<MetricsRow> Rows);
