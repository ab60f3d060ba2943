using System.CommandLine;
using System.Runtime.InteropServices;
using Tandem.Graphs;
using Tandem.Learning.Images;

namespace Tandem.Cli.Commands;

/// <summary>The options that feed an image to a network, and take one from it.</summary>
internal sealed class ImageArguments
{
    private readonly Option<string> _image = new("--image") { Description = "A JPEG or PNG file for the network's image input." };

    private readonly Option<string> _out = new("--out")
    {
        Description = "Write the image that the network makes (an output of shape 1,3,H,W) there, as PNG or JPEG.",
    };

    private readonly Option<string> _scaling = new("--pixels")
    {
        Description = $"How pixels become numbers: {string.Join(", ", PixelScaling.All.Select(s => s.Name))}.",
        DefaultValueFactory = _ => PixelScaling.Raw.Name,
    };

    private readonly Option<bool> _bgr = new("--bgr") { Description = "The network's channels are blue, green, red." };

    public void AddTo(Command command)
    {
        command.Add(_image);
        command.Add(_out);
        command.Add(_scaling);
        command.Add(_bgr);
    }

    /// <summary>The contents of the network's image input; empty where no image is given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The network.</param>
    /// <param name="otherwise">The image to take where the command line names none; null for none.</param>
    public IReadOnlyDictionary<string, byte[]> Inputs(ParseResult parsed, Graph model, RgbImage? otherwise)
    {
        RgbImage? image = parsed.GetValue(_image) is { } path ? ImageFile.Read(path) : otherwise;
        if (image is null)
        {
            return new Dictionary<string, byte[]>();
        }
        Tensor input = model.Inputs.FirstOrDefault(IsImage)
            ?? throw new TandemException($"'{model.Name}' takes no image: none of its inputs is 1,3,H,W or 1,1,H,W "
                + $"({string.Join("; ", model.Inputs)})");
        float[] pixels = ImageTensor.FromImage(image, input.Shape, PixelScaling.Named(parsed.GetValue(_scaling)!), Order(parsed));
        return new Dictionary<string, byte[]> { [input.Name] = Bytes(pixels, input.Type) };
    }

    /// <summary>Writes the image that the network made, where the command line asks for it; returns its path.</summary>
    public string? WriteOutput(ParseResult parsed, Graph model, Func<string, ReadOnlyMemory<byte>> output)
    {
        if (parsed.GetValue(_out) is not { } path)
        {
            return null;
        }
        Tensor image = model.Outputs.FirstOrDefault(o => IsImage(o) && o.Shape[1] == 3 && o.Type == ElementType.Float32)
            ?? throw new TandemException($"'{model.Name}' makes no image: none of its outputs is 1,3,H,W ({string.Join("; ", model.Outputs)})");
        ReadOnlySpan<float> pixels = MemoryMarshal.Cast<byte, float>(output(image.Name).Span);
        ImageFile.Write(path, ImageTensor.ToImage(pixels, image.Shape, Order(parsed)));
        return path;
    }

    private ChannelOrder Order(ParseResult parsed) => parsed.GetValue(_bgr) ? ChannelOrder.Bgr : ChannelOrder.Rgb;

    private static bool IsImage(Tensor tensor) => tensor.Shape.Rank == 4 && tensor.Shape[0] == 1
        && tensor.Shape[1] is 1 or 3 && tensor.Type is ElementType.Float32 or ElementType.Float16;

    private static byte[] Bytes(float[] pixels, ElementType type) => type == ElementType.Float16
        ? MemoryMarshal.AsBytes(Array.ConvertAll(pixels, p => (Half)p).AsSpan()).ToArray()
        : MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray();
}
