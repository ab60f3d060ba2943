namespace Tandem.Graphs.Inference.Rules;

/// <summary>
/// ReorderInput and ReorderOutput of ONNX Runtime: into and out of its blocked layout NCHWc, in which 8 or 16 channels of a pixel lie
/// side by side. A tensor's shape is written as N, C, H, W in either layout; only the order of its elements differs.
/// </summary>
internal sealed class BlockedLayoutRule : IOperatorRule
{
    /// <summary>The domain of operators that read and write the blocked layout.</summary>
    public const string BlockedDomain = "com.microsoft.nchwc";

    // Channels that ONNX Runtime puts side by side at most; it fills up with zeros what is no multiple.
    private const long LargestBlock = 16;

    public string Domain => BlockedDomain;

    public IReadOnlyList<string> Types { get; } = ["ReorderInput", "ReorderOutput"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 4);
        if (context.Operator.GetInt("channels_last", 0) != 0)
        {
            throw context.Error("attribute 'channels_last' is not supported");
        }
        if (context.Operator.Type == "ReorderOutput")
        {
            return [context.Output(context.Type(0), [input[0], context.Operator.GetInt("channels", input[1]), .. input.Skip(2)])];
        }
        return input[1] % LargestBlock == 0
            ? [context.Like(0)]
            : throw context.Error($"the channels of {context.Input(0)} are no multiple of {LargestBlock}");
    }
}
