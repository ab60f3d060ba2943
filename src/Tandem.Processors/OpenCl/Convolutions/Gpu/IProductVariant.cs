using System.Globalization;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>One way to compute a matrix product on a GPU; all take the same arguments.</summary>
internal interface IProductVariant
{
    /// <summary>A name that is unique among the variants. Persisted with what was measured of it: names never change their meaning.</summary>
    string Name { get; }

    /// <summary>The program and the kernel in it.</summary>
    (ProgramKey Program, string Kernel) Kernel { get; }

    /// <summary>Work-items of a work-group.</summary>
    (int X, int Y) Group { get; }

    /// <summary>Whether it can be run on a device.</summary>
    bool Fits(OpenClDevice device);

    /// <summary>Whether it may be the best for a product of so many rows and columns.</summary>
    bool Suits(long rows, long columns);

    /// <summary>Work-items in each dimension.</summary>
    (long X, long Y, long Z) Grid(long rows, long columns, long batches);
}

/// <summary>The variants, those first that are the better guess where nothing was measured.</summary>
internal static class ProductVariants
{
    internal static readonly IReadOnlyList<IProductVariant> All =
    [
        new VectorProduct(32, 8),
        new VectorProduct(64, 1),
        new VectorProduct(64, 4),
        new VectorProduct(16, 16),
        .. ProductTile.All.Select(tile => new TiledProduct(tile)),
    ];

    /// <summary>The variants for a product on a device; at least one.</summary>
    internal static IReadOnlyList<IProductVariant> For(long rows, long columns, OpenClDevice device)
    {
        IProductVariant[] fitting = [.. All.Where(variant => variant.Fits(device))];
        IProductVariant[] suited = [.. fitting.Where(variant => variant.Suits(rows, columns))];
        // Where a device cannot hold even the smallest tile, a work-item for each element always works.
        return suited.Length > 0 ? suited : fitting.Length > 0 ? fitting : [new VectorProduct(1, 1)];
    }
}

/// <summary>A product in tiles that a work-group holds in local memory.</summary>
internal sealed class TiledProduct(ProductTile tile) : IProductVariant
{
    private const int FewestColumns = 4;

    public string Name => $"tiled {tile.Name}";

    public (ProgramKey Program, string Kernel) Kernel => (new ProgramKey("gpu_product", tile.Options), "tiled_product");

    public (int X, int Y) Group => tile.Group;

    public bool Fits(OpenClDevice device) => tile.Fits(device);

    public bool Suits(long rows, long columns) => columns >= FewestColumns;

    public (long X, long Y, long Z) Grid(long rows, long columns, long batches) => tile.Grid(rows, columns, batches);
}

/// <summary>A product with few columns: some work-items share the depth of each element (gpu_vector.cl).</summary>
/// <param name="lanes">Rows that a work-group makes.</param>
/// <param name="parts">Work-items that share the depth.</param>
internal sealed class VectorProduct(int lanes, int parts) : IProductVariant
{
    private const int MostColumns = 16;

    public string Name => $"vector {lanes}x{parts}";

    public (ProgramKey Program, string Kernel) Kernel => (
        new ProgramKey("gpu_vector", string.Create(CultureInfo.InvariantCulture, $"-DLANES={lanes} -DPARTS={parts}")),
        "vector_product");

    public (int X, int Y) Group => (lanes, parts);

    public bool Fits(OpenClDevice device) =>
        lanes * parts <= device.MaxWorkGroupSize && lanes * parts * sizeof(float) <= device.LocalMemoryBytes;

    public bool Suits(long rows, long columns) => columns <= MostColumns;

    public (long X, long Y, long Z) Grid(long rows, long columns, long batches) =>
        (Grids.Blocks(rows, lanes) * lanes, columns * parts, batches);
}
