using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Learning.Tests.Images;

namespace Tandem.Learning.Tests.Data;

public sealed class CsvImagesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tandem-csv-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Samples_of_grey_square_images_are_read()
    {
        ILabelledImages images = Read("label,p0,p1,p2,p3\n1,0,64,128,255\n0,1,2,3,4\n");
        Assert.Equal((2, new ImageShape(1, 2, 2)), (images.Count, images.Shape));
        Assert.Equal(["0", "1"], images.Classes);
        Assert.Equal([1, 0], [images.LabelOf(0), images.LabelOf(1)]);
        Assert.Equal([0, 64, 128, 255], TestSets.Samples(images, 0));
    }

    [Fact]
    public void Label_column_may_lie_anywhere_and_hold_names()
    {
        ILabelledImages images = Read("a,b,Class,c\n1,2,\"dog, big\",3\n4,5,cat,6\n", new() { LabelColumn = "class", Shape = new(3, 1, 1) });
        Assert.Equal(["cat", "dog, big"], images.Classes);
        Assert.Equal([1, 2, 3], TestSets.Samples(images, 0));
        Assert.Equal("dog, big", images.Classes[images.LabelOf(0)]);
    }

    [Fact]
    public void Many_rows_are_kept_in_order()
    {
        string rows = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i % 7},{i % 256},{i * 3 % 256},1\n"));
        ILabelledImages images = Read("label,r,g,b\n" + rows);
        Assert.Equal((500, new ImageShape(3, 1, 1)), (images.Count, images.Shape));
        Assert.All(Enumerable.Range(0, 500), i =>
        {
            Assert.Equal(i % 7, images.LabelOf(i));
            Assert.Equal([(byte)i, (byte)(i * 3), 1], TestSets.Samples(images, i));
        });
    }

    [Fact]
    public void Paths_are_relative_to_the_file_and_undecodable_images_are_named()
    {
        RgbImage image = TestImages.Noise(3, 2, 1);
        ImageFile.Write(Path.Combine(_root, "x.png"), image);
        var set = Assert.IsType<ImageFileSet>(Read("path,label\nx.png,cat\nnone.png,cat\n", new() { PathColumn = "path" }));
        Assert.Equal((1, new ImageShape(3, 2, 3)), (set.Count, set.Shape));
        Assert.Equal(image.Pixels[0], TestSets.Samples(set, 0)[0]);
        Assert.Equal("1 of 2 images do not decode and are left out: none.png", set.RejectionNotice);
    }

    [Theory]
    [InlineData("label,p\n0,1\n1,2\n2,3\n", "line 4", "label '2'", "0 to 1")]
    [InlineData("label,p\n0,1\n-1,2\n", "line 3", "label '-1'", "0 to 1")]
    [InlineData("label,p\n0,1\n1,2\n99999999999,3\n", "line 4", "label '99999999999'", "0 to 1")]
    [InlineData("label,p\na,1\n\n\nbird,2\n", "line 5", "label 'bird'", "0 to 1")]
    public void Label_out_of_range_is_refused_with_its_line(string text, params string[] parts) =>
        Refuses(text, new() { Classes = ["a", "b"] }, parts);

    [Theory]
    [InlineData("label,p\n0,1\nx,2\n", "line 3", "label 'x'")]
    [InlineData("label,p\n0,1\n-1,2\n", "line 3", "label '-1'")]
    [InlineData("label,p\n0,1\n7,2\n", "line 3", "label '7'")]
    [InlineData("label,p\n0,1\n2,2\n2,1\n", "no image of class '1'")]
    [InlineData("label,p,q,r,s\n0,1,2,3\n", "line 2", "4 columns", "5")]
    [InlineData("label,p\n0,256\n", "line 2", "'256'", "column 'p'", "0 to 255")]
    [InlineData("label,p\n0,1.5\n", "line 2", "'1.5'")]
    [InlineData("label,p\n0,\n", "line 2", "''")]
    [InlineData("class,p\n0,1\n", "no column 'label'", "class, p")]
    [InlineData("label,p,q\n0,1,1\n", "2 columns of samples", "shape")]
    [InlineData("label\n0\n", "0 columns of samples")]
    [InlineData("label,p\n", "no images")]
    [InlineData("", "empty")]
    [InlineData("label,p\n0,\"1\n", "not a CSV file")]
    public void Bad_files_are_refused_in_one_line(string text, params string[] parts) => Refuses(text, new(), ["set.csv", .. parts]);

    [Fact]
    public void Shape_that_does_not_fit_and_missing_file_are_refused()
    {
        Refuses("label,p\n0,1\n", new() { Shape = new(1, 2, 2) }, "1 columns", "1x2x2");
        TestSets.Fails(() => CsvImages.Read(Path.Combine(_root, "none.csv")), "none.csv", "no such file");
        Refuses("path,label\nnone.png,cat\n", new() { PathColumn = "path" }, "no images", "1 of 1 images do not decode", "none.png");
    }

    private void Refuses(string text, CsvImagesOptions options, params string[] parts) => TestSets.Fails(() => Read(text, options), parts);

    private ILabelledImages Read(string text, CsvImagesOptions? options = null)
    {
        string path = Path.Combine(_root, "set.csv");
        File.WriteAllText(path, text);
        return CsvImages.Read(path, options);
    }
}
