namespace Tandem.Prediction.Codl;

/// <summary>
/// How an implementation cuts its output into blocks that always cost as much as a full one: the source of the steps in
/// latency, which CoDL takes out analytically (Eq. 3 and Table 1).
/// </summary>
/// <param name="Pixels">Output pixels of a block.</param>
/// <param name="Channels">Output channels of a block.</param>
/// <param name="IsPerRow">Whether a block ends with its row (direct convolutions), or pixels of all rows are one line (matrix products).</param>
/// <param name="WinogradTile">Rows and columns of a Winograd output tile; 0 for direct algorithms and matrix products.</param>
/// <param name="Cores">Blocks that run side by side (cores, or a GPU's work-groups in flight).</param>
public readonly record struct BlockShape(int Pixels, int Channels, bool IsPerRow = false, int WinogradTile = 0, int Cores = 1)
{
    /// <summary>Single elements: no steps at all.</summary>
    public static BlockShape Smooth { get; } = new(1, 1);

    /// <summary>
    /// The blocks of the usual implementations: vector lanes by columns, matrix products' register tiles, direct convolutions of
    /// 16-channel layouts, CoDL's GPU kernels (4 channels by 4 or 5 columns).
    /// </summary>
    public static IReadOnlyList<BlockShape> Usual { get; } =
    [
        Smooth, new(1, 16), new(14, 16), new(14, 32), new(12, 32), new(8, 8), new(4, 4, true), new(5, 4, true),
        new(6, 16, true), new(6, 64, true), new(14, 64, true), new(16, 1, true), new(16, 8, true), new(64, 1, true),
    ];

    /// <summary>Winograd's tiles for 3x3 windows of stride 1.</summary>
    public static IReadOnlyList<BlockShape> Winograd { get; } = [new(1, 16, false, 2), new(1, 16, false, 4), new(1, 16, false, 6)];

    /// <summary>How many blocks may run side by side.</summary>
    public static IReadOnlyList<int> CoreCounts { get; } = [2, 4, 8, 16];

    /// <summary>Blocks of pixels.</summary>
    public long PixelBlocks(in KernelShape shape) => WinogradTile > 0
        ? shape.Batch * Blocks(shape.Rows, WinogradTile) * Blocks(shape.Columns, WinogradTile)
        : IsPerRow
            ? shape.Batch * shape.Rows * Blocks(shape.Columns, Pixels)
            : Blocks(shape.Batch * shape.Rows * shape.Columns, Pixels);

    /// <summary>Blocks of channels, over all groups.</summary>
    public long ChannelBlocks(in KernelShape shape) => shape.Groups * Blocks(Math.Max(1, shape.Channels / shape.Groups), Channels);

    /// <summary>All blocks, a last incomplete wave over the cores counted as a full one.</summary>
    public double AllBlocks(in KernelShape shape)
    {
        long blocks = PixelBlocks(shape) * ChannelBlocks(shape);
        return Cores == 1 ? blocks : (double)Blocks(blocks, Cores) * Cores;
    }

    private static long Blocks(long extent, long block) => (extent + block - 1) / block;
}
