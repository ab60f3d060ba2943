using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Onnx;

namespace Tandem.Graphs.Tests.Onnx;

/// <summary>Whatever is done to a file, it is read or refused in one line; nothing else ever comes out of it.</summary>
public sealed class DamagedFileTests
{
    private const long LargestFoldedBytes = 10 << 20;

    public static TheoryData<string> Files { get; } =
        ["mnist.onnx", "light/light_shufflenet.onnx", "light/light_inception_v1.onnx", "light/light_vgg19.onnx"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_truncated_file_is_refused_or_is_still_whole(string file)
    {
        byte[] bytes = File.ReadAllBytes(ModelFiles.Path(file));
        Graph whole = OnnxFile.Parse(bytes, file);
        Prop.ForAll(Gen.Choose(0, bytes.Length - 1).ToArbitrary(), length =>
        {
            // What is cut off may be something that does not matter, such as the name of who made the file.
            Graph? graph = Read(bytes.AsSpan(0, length));
            return graph is null || graph.Operators.Count == whole.Operators.Count;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_small_model_truncated_anywhere_is_refused_or_is_still_whole()
    {
        byte[] bytes = OnnxFile.Serialize(SmallModels.Convolution());
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Null(Read(bytes.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Flipped_bits_are_refused_or_read(string file)
    {
        byte[] bytes = File.ReadAllBytes(ModelFiles.Path(file));
        Check(bytes, flips: 4, Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Flipped_bits_of_a_small_model_are_refused_or_read(int flips) =>
        Check(OnnxFile.Serialize(SmallModels.Convolution()), flips, Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Flipped_bits_of_a_model_that_computes_its_shapes_are_refused_or_read(int flips) =>
        Check(OnnxFile.Serialize(ShapeArithmetic.Resizing()), flips, Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Random_bytes_are_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), bytes => Read(bytes) is null).QuickCheckThrowOnFailure();

    private static void Check(byte[] bytes, int flips, Config config)
    {
        Gen<int[]> places = Gen.Choose(0, (bytes.Length * 8) - 1).ArrayOf(flips);
        Prop.ForAll(places.ToArbitrary(), bits =>
        {
            byte[] damaged = [.. bytes];
            foreach (int bit in bits)
            {
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            }
            Read(damaged);
        }).Check(config);
    }

    // Any exception but the one that is caught fails the property.
    private static Graph? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Graph graph = OnnxFile.Parse(bytes, "damaged");
            // Folding may make large weights of few bytes, which would take the test's time.
            if (graph.Tensors.Values.Sum(t => t.SizeInBytes) < LargestFoldedBytes)
            {
                ConstantFolding.Fold(graph);
            }
            return graph;
        }
        catch (InvalidModelException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return null;
        }
    }
}
