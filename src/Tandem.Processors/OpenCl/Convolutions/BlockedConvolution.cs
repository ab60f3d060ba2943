using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Convolutions as matrix products, cache-blocked: a work-item copies the input of some tiles of pixels to memory of its own
/// (im2col) and goes over all output channels, which are the vector.
/// </summary>
internal sealed class BlockedConvolution : IConvolutionAlgorithm
{
    private const int PixelsPerTile = 14;
    private const int ChannelsPerTile = 32;
    private const int HalfTile = 16;
    private const int MaxTilesPerItem = 16;
    private const int PanelBytes = 512 << 10;
    private const int SlackFloats = 32;

    public string Name => "blocked";

    public bool Supports(ConvolutionCall call, OpenClDevice device)
    {
        int window = call.Kernel.Rows * call.Kernel.Columns;
        return device.IsCpuBacked && window <= MaxDepth(device) && (call.Groups == 1 || call.Depth <= MaxDepth(device));
    }

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        int window = call.Kernel.Rows * call.Kernel.Columns;
        int most = Math.Min(call.GroupIn, MaxDepth(compiler.Device) / window);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        for (int first = 0; first < call.GroupIn; first += most)
        {
            int channels = Math.Min(most, call.GroupIn - first);
            ConstantSlot weights = Pack(call, first, channels, compiler.Constants);
            for (int image = 0; image < call.Batch; image++)
            {
                EmitPart(call, compiler, first, channels, weights, bias, image);
            }
        }
    }

    /// <summary>
    /// Adds the launch that sums over some input channels: the first of them adds bias and residual to the sum, later ones
    /// what is in the output already, the last does the activation.
    /// </summary>
    private static void EmitPart(
        ConvolutionCall call,
        SliceCompiler compiler,
        int first,
        int channels,
        ConstantSlot weights,
        ConstantSlot bias,
        int image)
    {
        CpuConvolutionParameters parameters = Flatten(CpuConvolution.Describe(call), call) with { GroupIn = channels };
        parameters.HasBias = first == 0;
        parameters.HasResidual = first > 0 || call.Residual is not null;
        bool last = first + channels == call.GroupIn;
        parameters.Activation = last ? call.Activation : Activation.None;
        int depth = channels * call.Kernel.Rows * call.Kernel.Columns;
        long tiles = Grids.Blocks((long)call.Output.Rows * call.Output.Columns, PixelsPerTile);
        long panel = Math.Min(PanelBytes, compiler.Device.LocalMemoryBytes / 2);
        long perItem = Math.Min(Math.Clamp(panel / (PixelsPerTile * sizeof(float) * depth), 1, MaxTilesPerItem), tiles);
        long items = Grids.Blocks(tiles, perItem);
        perItem = Grids.Blocks(tiles, items);
        long channelTiles = Grids.Blocks(call.GroupOut, ChannelsPerTile);
        long channelTilesPerItem = ChannelTilesPerItem(channelTiles, items * call.Groups, compiler.Device.Workers);
        CpuConvolution.Add(compiler, new CpuConvolutionLaunch
        {
            Call = call,
            Kernel = "conv_gemm",
            Parameters = parameters with { PerItem = (int)perItem, ChannelTilesPerItem = (int)channelTilesPerItem },
            Weights = weights,
            Bias = bias,
            Residual = first > 0 ? call.Y : call.Residual,
            Image = image,
            FirstInputChannel = first,
            IsPartial = channels < call.GroupIn,
            LocalFloats = perItem * depth * PixelsPerTile + SlackFloats,
            Grid = (items, Grids.Blocks(channelTiles, channelTilesPerItem), call.Groups),
        });
    }

    /// <summary>A 1x1 convolution sees one long row.</summary>
    private static CpuConvolutionParameters Flatten(CpuConvolutionParameters parameters, ConvolutionCall call)
    {
        bool pointwise = call.Kernel == new Plane(1, 1) && call.Stride == new Plane(1, 1)
            && call.Pad == default && call.Input == call.Output;
        return !pointwise ? parameters : parameters with
        {
            Height = 1,
            Width = call.Input.Rows * call.Input.Columns,
            OutHeight = 1,
            OutWidth = call.Output.Rows * call.Output.Columns,
        };
    }

    /// <summary>All tiles of channels for an item, unless that leaves workers without one.</summary>
    private static long ChannelTilesPerItem(long channelTiles, long items, int workers)
    {
        if (workers == 1 || items >= 2 * workers)
        {
            return channelTiles;
        }
        return Grids.Blocks(channelTiles, Math.Min(channelTiles, Grids.Blocks(2 * workers, items)));
    }

    private static int MaxDepth(OpenClDevice device) =>
        (int)(device.LocalMemoryBytes / sizeof(float) - SlackFloats) / PixelsPerTile;

    /// <summary>
    /// Weights as [group][tile of channels][row][column][input channel][channel of the tile]; a last tile of at most 16
    /// channels is 16 wide.
    /// </summary>
    private static ConstantSlot Pack(ConvolutionCall call, int first, int channels, ConstantPool constants)
    {
        int window = call.Kernel.Rows * call.Kernel.Columns, depth = channels * window;
        int padded = (int)Grids.Blocks(call.GroupOut, HalfTile) * HalfTile;
        ConstantSlot slot = constants.Reserve((long)call.Groups * padded * depth, out Span<float> packed);
        packed.Clear();
        for (int output = 0; output < call.Groups * call.GroupOut; output++)
        {
            int group = output / call.GroupOut, channel = output % call.GroupOut;
            int tile = channel / ChannelsPerTile * ChannelsPerTile;
            int width = Math.Min(ChannelsPerTile, padded - tile);
            int to = (group * padded + tile) * depth + channel - tile;
            int from = output * call.Depth + first * window;
            for (int input = 0; input < channels; input++)
            {
                for (int k = 0; k < window; k++)
                {
                    packed[to + (k * channels + input) * width] = call.Weights[from + input * window + k];
                }
            }
        }
        return slot;
    }
}
