using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>DepthToSpace and SpaceToDepth: transposes of six dimensions.</summary>
internal sealed class DepthSpaceLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["DepthToSpace", "SpaceToDepth"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        long block = op.GetInt("blocksize", 1);
        bool toSpace = op.Type == "DepthToSpace";
        bool columnRowDepth = op.GetText("mode", "DCR") == "CRD";
        Shape image = toSpace ? y.Shape : x.Shape;
        Shape walk = new(image[0], image[1], image[2] / block, block, image[3] / block, block);
        Shape depth = toSpace ? x.Shape : y.Shape;
        ElementwiseLaunch.Copy(
            compiler,
            x,
            y,
            walk,
            place => toSpace ? DepthView(place, depth, image[1], block, columnRowDepth) : View(place, walk),
            place => toSpace ? View(place, walk) : DepthView(place, depth, image[1], block, false));
    }

    private static View View(Placement place, Shape walk) => new(place, place.Offset, Placement.StridesOf(walk));

    /// <summary>
    /// Strides of (image, channel, row, row in the block, column, column in the block) in the tensor that has blocks as channels.
    /// </summary>
    private static View DepthView(Placement place, Shape depth, long channels, long block, bool columnRowDepth)
    {
        long plane = depth[2] * depth[3];
        long channel = columnRowDepth ? block * block * plane : plane;
        long blockRow = columnRowDepth ? block * plane : block * channels * plane;
        long blockColumn = columnRowDepth ? plane : channels * plane;
        return new View(place, place.Offset, [depth[1] * plane, channel, depth[3], blockRow, 1, blockColumn]);
    }
}
