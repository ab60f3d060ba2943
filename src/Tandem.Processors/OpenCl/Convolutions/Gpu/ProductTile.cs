using System.Globalization;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>The extents of a tiled matrix product on a GPU (gpu_product.cl).</summary>
/// <param name="Rows">Rows that a work-group makes.</param>
/// <param name="Columns">Columns that a work-group makes.</param>
/// <param name="Depth">Depth of the tiles that it copies to local memory.</param>
/// <param name="ItemRows">Rows that a work-item makes.</param>
/// <param name="ItemColumns">Columns that a work-item makes.</param>
internal sealed record ProductTile(int Rows, int Columns, int Depth, int ItemRows, int ItemColumns)
{
    /// <summary>The extents that are tried: from small matrices to large ones, with little and with much in registers.</summary>
    internal static readonly IReadOnlyList<ProductTile> All =
    [
        new(32, 32, 8, 4, 4),
        new(16, 64, 8, 2, 4),
        new(64, 64, 8, 4, 4),
        new(64, 64, 16, 8, 8),
        new(128, 64, 8, 8, 4),
        new(64, 128, 8, 8, 8),
    ];

    /// <summary>The name of these extents: of a work-group's tile, then of an item's.</summary>
    internal string Name => $"{Rows}x{Columns}x{Depth}/{ItemRows}x{ItemColumns}";

    /// <summary>What the program is built with.</summary>
    internal string Options => string.Create(
        CultureInfo.InvariantCulture, $"-DBM={Rows} -DBN={Columns} -DBK={Depth} -DTM={ItemRows} -DTN={ItemColumns}");

    /// <summary>Work-items of a work-group along the columns and rows.</summary>
    internal (int X, int Y) Group => (Columns / ItemColumns, Rows / ItemRows);

    /// <summary>Whether a device has the local memory and the work-items.</summary>
    internal bool Fits(OpenClDevice device) =>
        Group.X * Group.Y <= device.MaxWorkGroupSize
        && (Rows + Columns) * Depth * sizeof(float) <= device.LocalMemoryBytes;

    /// <summary>Work-items in each dimension for so many rows, columns and batches.</summary>
    internal (long X, long Y, long Z) Grid(long rows, long columns, long batches) =>
        (Grids.Blocks(columns, Columns) * Group.X, Grids.Blocks(rows, Rows) * Group.Y, batches);
}
