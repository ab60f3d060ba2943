using System.Globalization;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>What a work-item of a direct or depthwise convolution makes (gpu_direct.cl), and how items form work-groups.</summary>
/// <param name="Channels">Output channels of an item.</param>
/// <param name="Rows">Rows of an item.</param>
/// <param name="Columns">Columns of an item.</param>
/// <param name="GroupColumns">Items of a work-group along the columns.</param>
/// <param name="GroupRows">Items of a work-group along the rows.</param>
internal sealed record DirectTile(int Channels, int Rows, int Columns, int GroupColumns, int GroupRows)
{
    /// <summary>The name: of an item's tile, then of a work-group.</summary>
    internal string Name => $"{Channels}x{Rows}x{Columns}/{GroupColumns}x{GroupRows}";

    /// <summary>What the program is built with.</summary>
    internal string Options => string.Create(
        CultureInfo.InvariantCulture, $"-DCHANNELS={Channels} -DROWS={Rows} -DCOLUMNS={Columns}");

    /// <summary>Whether a device has the work-items.</summary>
    internal bool Fits(OpenClDevice device) => GroupColumns * GroupRows <= device.MaxWorkGroupSize;

    /// <summary>Work-items along the columns and rows of an output, full work-groups of them.</summary>
    internal (long X, long Y) Grid(Plane output) => (
        Grids.Blocks(Grids.Blocks(output.Columns, Columns), GroupColumns) * GroupColumns,
        Grids.Blocks(Grids.Blocks(output.Rows, Rows), GroupRows) * GroupRows);
}
