using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>How F(4x4, 3x3) cuts a plane into tiles of 4 x 4 outputs, and these into chunks and blocks.</summary>
/// <param name="Rows">Rows of tiles.</param>
/// <param name="Columns">Columns of tiles.</param>
/// <param name="ChunkRows">Rows of tiles of a chunk, which is transformed, multiplied and transformed back at once.</param>
/// <param name="ChunkColumns">Columns of tiles of a chunk.</param>
/// <param name="Block">Tiles of one product.</param>
internal sealed record WinogradTiling(int Rows, int Columns, int ChunkRows, int ChunkColumns, int Block)
{
    /// <summary>Outputs of a tile on each axis.</summary>
    internal const int Outputs = 4;

    /// <summary>Products for each tile and pair of channels: as many as a tile has inputs.</summary>
    internal const int PointsOfTile = 36;

    // TILES of cpu_winograd.cl, which has memory for so many. Between 28 and 200 the time hardly changes.
    private const int TilesPerChunk = 64;
    private const int LargestBlock = 14;
    private const int SmallestBlock = 8;
    private const int FewestTilesOfProduct = 6;

    /// <summary>Tiles of a chunk.</summary>
    internal int ChunkTiles => ChunkRows * ChunkColumns;

    /// <summary>Chunks of a plane.</summary>
    internal int Chunks => (int)(Grids.Blocks(Rows, ChunkRows) * Grids.Blocks(Columns, ChunkColumns));

    /// <summary>Tiles of a plane.</summary>
    internal int Tiles => Rows * Columns;

    /// <summary>Blocks of a chunk.</summary>
    internal int Blocks => (int)Grids.Blocks(ChunkTiles, Block);

    /// <summary>
    /// Whether the kernel transforms the weights rather than reading four times as many that were transformed beforehand: where each
    /// worker has a chunk at most, and so would read them once only.
    /// </summary>
    internal bool TransformsWeights(int workers) => Chunks <= workers;

    /// <summary>The tiling of a plane of outputs, with a chunk for each worker where there are tiles enough.</summary>
    internal static WinogradTiling Of(Plane output, int workers)
    {
        int rows = (int)Grids.Blocks(output.Rows, Outputs), columns = (int)Grids.Blocks(output.Columns, Outputs);
        int most = (int)Math.Clamp(Grids.Blocks((long)rows * columns, workers), LargestBlock, TilesPerChunk);
        int chunkColumns = Even(columns, Math.Min(columns, most));
        int chunkRows = Even(rows, Math.Min(rows, most / chunkColumns));
        return new WinogradTiling(rows, columns, chunkRows, chunkColumns, BestBlock(chunkRows * chunkColumns));
    }

    /// <summary>The greatest extent up to a limit that cuts a length into equal parts.</summary>
    private static int Even(int length, int limit) => (int)Grids.Blocks(length, Grids.Blocks(length, limit));

    /// <summary>The size of blocks that computes the fewest tiles in vain and reads the weights least often.</summary>
    private static int BestBlock(int tiles)
    {
        int best = LargestBlock, least = int.MaxValue;
        for (int block = LargestBlock; block >= SmallestBlock; block -= 2)
        {
            int rest = tiles % block, cost = tiles / block * (block + 1);
            cost += rest == 0 ? 0 : Math.Max((rest + 1) / 2 * 2, FewestTilesOfProduct) + 1;
            (best, least) = cost < least ? (block, cost) : (best, least);
        }
        return best;
    }
}
