using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

public class LayoutTests
{
    [Fact]
    public void Changes_of_shape_pass_the_gradient_on() => Property.ForSeeds(6, check =>
    {
        Shape shape = check.Shape(3);
        check.Run([shape], (draft, x) => draft.Reshape(x[0], new Shape(shape.ElementCount, 1)));
        check.Run([shape], (draft, x) => draft.Add("Flatten", x, ("axis", Int(check.Random.Next(0, 4)))));
        check.Run([shape.With(1, 1)], (draft, x) => draft.Add("Squeeze", [x[0], draft.Integers(1)]));
        check.Run([shape], (draft, x) => draft.Add("Unsqueeze", [x[0], draft.Integers(0, -1)]));
    });

    [Fact]
    public void Transpose_by_any_permutation() => Property.ForSeeds(8, check =>
    {
        long[] permutation = [0, 1, 2, 3];
        check.Random.Shuffle(permutation);
        check.Run([check.Shape(4)], (draft, x) => draft.Transpose(x[0], permutation));
        check.Run([check.Shape(3)], (draft, x) => draft.Add("Transpose", x));
    });

    [Fact]
    public void Expand_and_tile_sum_what_was_repeated() => Property.ForSeeds(8, check =>
    {
        Shape shape = check.Shape(3);
        check.Run([shape.With(0, 1)], (draft, x) => draft.Expand(x[0], new Shape([2, .. shape])));
        long[] repeats = [.. shape.Select(_ => (long)check.Random.Next(1, 4))];
        check.Run([shape], (draft, x) => draft.Add("Tile", [x[0], draft.Integers(repeats)]));
    });

    [Fact]
    public void Concat_and_split_along_any_axis() => Property.ForSeeds(10, check =>
    {
        Shape shape = check.Shape(3);
        int axis = check.Random.Next(3);
        Shape longer = shape.With(axis, shape[axis] + 2);
        check.Run([shape, longer, shape], (draft, x) => draft.Add("Concat", x, ("axis", Int(axis - 3))));
        check.Run([longer], (draft, x) =>
        {
            IReadOnlyList<Tensor> parts = draft.Add(
                "Split", [x[0], draft.Integers(1, shape[axis], 1)], 3, ("axis", Int(axis)));
            return draft.Add("Concat", [parts[2], parts[0]], ("axis", Int(axis)));
        });
    });

    [Fact]
    public void Slice_by_any_start_and_step() => Property.ForSeeds(25, check =>
    {
        Random random = check.Random;
        Shape shape = new(random.Next(2, 8), random.Next(2, 8), 2);
        (long from0, long to0, long step0) = Range(random, shape[0]);
        (long from1, long to1, long step1) = Range(random, shape[1]);
        check.Run([shape], (draft, x) => draft.Slice(x[0], [from1, from0], [to1, to0], [-2, 0], [step1, step0]));
    });

    [Fact]
    public void Pad_with_a_constant_also_by_negative_numbers() => Property.ForSeeds(15, check =>
    {
        Shape shape = new(check.Random.Next(3, 5), check.Random.Next(3, 5));
        long[] pads = [.. Enumerable.Range(0, 4).Select(_ => (long)check.Random.Next(-1, 3))];
        check.Run([shape], (draft, x) => draft.Pad(x[0], pads.AsSpan(0, 2), pads.AsSpan(2)));
    });

    [Fact]
    public void Gather_along_any_axis_adds_up_what_is_taken_twice() => Property.ForSeeds(12, check =>
    {
        Shape shape = check.Shape(3);
        int axis = check.Random.Next(3);
        long[] indices = [.. Enumerable.Range(0, 4).Select(_ => check.Random.NextInt64(-shape[axis], shape[axis]))];
        check.Run([shape], (draft, x) => draft.Add(
            "Gather", [x[0], draft.Reshape(draft.Integers(indices), new Shape(2, 2))], ("axis", Int(axis))));
    });

    [Fact]
    public void GatherElements_and_GatherND_add_up_what_is_taken_twice() => Property.ForSeeds(12, check =>
    {
        Shape shape = check.Shape(2);
        long[] columns = [.. Enumerable.Range(0, (int)shape[0] * 3).Select(_ => check.Random.NextInt64(shape[1]))];
        check.Run([shape], (draft, x) => draft.Add(
            "GatherElements", [x[0], draft.Reshape(draft.Integers(columns), new Shape(shape[0], 3))], ("axis", Int(1))));
        long[] rows = [.. Enumerable.Range(0, 5).Select(_ => check.Random.NextInt64(shape[0]))];
        check.Run([shape], (draft, x) => draft.Add(
            "GatherND", [x[0], draft.Reshape(draft.Integers(rows), new Shape(5, 1))]));
    });

    [Fact]
    public void Scattering_that_adds() => Property.ForSeeds(10, check =>
    {
        Shape shape = check.Shape(2);
        long[] rows = [.. Enumerable.Range(0, 3).Select(_ => check.Random.NextInt64(shape[0]))];
        check.Run([shape, new Shape(3, shape[1])], (draft, x) => draft.Add(
            "ScatterND", [x[0], draft.Reshape(draft.Integers(rows), new Shape(3, 1)), x[1]], ("reduction", new AttributeValue.Text("add"))));
        long[] columns = [.. Enumerable.Range(0, (int)shape[0] * 3).Select(_ => check.Random.NextInt64(shape[1]))];
        check.Run([shape, new Shape(shape[0], 3)], (draft, x) => draft.Add(
            "ScatterElements", [x[0], draft.Reshape(draft.Integers(columns), new Shape(shape[0], 3)), x[1]],
            ("axis", Int(1)), ("reduction", new AttributeValue.Text("add"))));
    });

    [Fact]
    public void Depth_to_space_and_back() => Property.ForSeeds(6, check =>
    {
        Shape shape = new(1, 4 * check.Random.Next(1, 3), 2, check.Random.Next(1, 4));
        string mode = check.Random.Next(2) == 0 ? "DCR" : "CRD";
        check.Run([shape], (draft, x) => draft.Add(
            "DepthToSpace", x, ("blocksize", Int(2)), ("mode", new AttributeValue.Text(mode))));
        check.Run([new Shape(1, 2, 4, 2)], (draft, x) => draft.Add("SpaceToDepth", x, ("blocksize", Int(2))));
    });

    [Theory]
    [InlineData("ReduceSum")]
    [InlineData("ReduceMean")]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMin")]
    [InlineData("ReduceSumSquare")]
    public void Reductions_over_any_axes(string type) => Property.ForSeeds(10, check =>
    {
        long[] axes = [.. new long[] { 0, 1, -1 }.Where(_ => check.Random.Next(2) == 0)];
        int keep = check.Random.Next(2);
        check.Run([check.Shape(3)], (draft, x) => type == "ReduceSum"
            ? draft.Add(type, [x[0], draft.Integers(axes)], ("keepdims", Int(keep)))
            : axes.Length == 0
                ? draft.Add(type, x, ("keepdims", Int(keep)))
                : draft.Add(type, x, ("axes", new AttributeValue.Ints(axes)), ("keepdims", Int(keep))));
    });

    private static AttributeValue.Int Int(long value) => new(value);

    // At least one element, forwards or backwards.
    private static (long From, long To, long Step) Range(Random random, long extent)
    {
        long step = random.Next(1, 4);
        long from = random.NextInt64(extent);
        long count = random.NextInt64(1, extent - from + 1);
        return random.Next(2) == 0
            ? (from, from + count, step)
            : (from + count - 1, from == 0 ? long.MinValue + 1 : from - 1, -step);
    }
}
