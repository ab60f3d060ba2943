namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Convolutions that kernels for GPUs are tried on: between them they have a shape that every variant supports.</summary>
internal static class ConvolutionCases
{
    /// <summary>The convolutions by what is special about them.</summary>
    public static IReadOnlyDictionary<string, NaiveConvolution> All { get; } = new Dictionary<string, NaiveConvolution>
    {
        ["1x1"] = new() { Inputs = 17, Outputs = 21, Rows = 7, Columns = 9, Kernel = (1, 1) },
        ["1x1 with padding"] = new() { Inputs = 5, Outputs = 12, Rows = 6, Columns = 5, Kernel = (1, 1), Pads = [1, 2, 0, 1] },
        ["1x1 of stride 2"] = new() { Inputs = 40, Outputs = 24, Rows = 7, Columns = 7, Kernel = (1, 1), Strides = (2, 2) },
        ["1x1 of stride 2 in a batch"] = new() { Batch = 2, Inputs = 5, Outputs = 8, Rows = 9, Columns = 8, Kernel = (1, 1), Strides = (2, 2) },
        ["3x3"] = new() { Inputs = 67, Outputs = 70, Rows = 9, Columns = 13, Pads = [1, 1, 1, 1] },
        ["3x3 of few channels"] = new() { Inputs = 3, Outputs = 2, Rows = 8, Columns = 6 },
        ["3x3 of long rows"] = new() { Inputs = 6, Outputs = 13, Rows = 11, Columns = 20, Pads = [1, 1, 1, 1] },
        ["3x3 of stride 2, dilated, in a batch"] = new()
        {
            Batch = 2,
            Inputs = 4,
            Outputs = 9,
            Rows = 13,
            Columns = 12,
            Strides = (2, 1),
            Dilations = (1, 2),
            Pads = [0, 2, 1, 1],
        },
        ["3x3 in groups and a batch"] = new() { Batch = 2, Groups = 2, Inputs = 20, Outputs = 40, Rows = 10, Columns = 7, Pads = [2, 1, 0, 1] },
        ["3x2 of stride 2, dilated, in groups and a batch"] = new()
        {
            Batch = 2,
            Groups = 2,
            Inputs = 6,
            Outputs = 68,
            Rows = 12,
            Columns = 9,
            Kernel = (3, 2),
            Strides = (2, 1),
            Dilations = (1, 2),
            Pads = [0, 1, 1, 2],
        },
        ["3x3 depthwise"] = new() { Groups = 12, Outputs = 12, Inputs = 12, Rows = 11, Columns = 19, Pads = [1, 0, 2, 1] },
        ["5x3 of two outputs for each channel"] = new()
        {
            Batch = 2,
            Groups = 5,
            Inputs = 5,
            Outputs = 10,
            Rows = 14,
            Columns = 8,
            Kernel = (5, 3),
            Strides = (1, 2),
            Dilations = (2, 1),
            Pads = [3, 1, 2, 1],
        },
    };
}
