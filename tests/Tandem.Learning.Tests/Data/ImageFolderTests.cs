using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Learning.Tests.Images;

namespace Tandem.Learning.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tandem-folder-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(ImageFileSet.DefaultMemoryLimitBytes, true)]
    [InlineData(0, false)]
    public void Classes_and_files_come_in_the_order_of_their_names(long memoryLimit, bool isInMemory)
    {
        RgbImage first = Add("cat/a.png", 6, 4, 1);
        Add("cat/deep/b.png", 6, 4, 2);
        RgbImage last = Add("dog/c.PNG", 6, 4, 3);
        File.WriteAllText(In("dog/notes.txt"), "no image");
        File.WriteAllText(In("dog/.hidden.png"), "no image");
        Directory.CreateDirectory(In(".cache"));

        ImageFileSet images = ImageFolder.Open(_root, memoryLimitBytes: memoryLimit);

        Assert.Equal(["cat", "dog"], images.Classes);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, images.Count).Select(images.LabelOf));
        Assert.Equal((new ImageShape(3, 4, 6), isInMemory), (images.Shape, images.IsInMemory));
        Assert.Equal(first.Pixels[0], TestSets.Samples(images, 0)[0]);
        Assert.Equal(last.Pixels[^1], TestSets.Samples(images, 2)[^1]);
        Assert.Null(images.RejectionNotice);
    }

    [Fact]
    public void Images_are_given_one_shape()
    {
        ImageFile.Write(Made("a/1.png"), TestImages.Constant(9, 7, 10, 20, 30));
        ImageFile.Write(Made("b/1.png"), TestImages.Constant(3, 20, 40, 50, 60));

        ImageFileSet images = ImageFolder.Open(_root, new ImageShape(3, 5, 5));

        Assert.Equal(new byte[] { 10, 20, 30 }.SelectMany(v => Enumerable.Repeat(v, 25)), TestSets.Samples(images, 0));
        Assert.Equal(new byte[] { 40, 50, 60 }.SelectMany(v => Enumerable.Repeat(v, 25)), TestSets.Samples(images, 1));
    }

    [Fact]
    public void Grey_images_are_luma()
    {
        ImageFile.Write(Made("a/1.png"), TestImages.Constant(2, 2, 255, 0, 0));
        Assert.Equal([76, 76, 76, 76], TestSets.Samples(ImageFolder.Open(_root, new ImageShape(1, 2, 2)), 0));
    }

    [Theory]
    [InlineData(ImageFileSet.DefaultMemoryLimitBytes)]
    [InlineData(0)]
    public void Images_that_do_not_decode_are_counted_and_named(long memoryLimit)
    {
        File.WriteAllText(Made("a/0.png"), "no image");
        RgbImage good = Add("a/1.png", 3, 3, 1);
        foreach (int i in Enumerable.Range(2, 3))
        {
            File.WriteAllBytes(In($"a/{i}.jpg"), [0xFF, 0xD8, 0xFF, 1]);
        }
        RgbImage other = Add("b/1.png", 3, 3, 2);

        ImageFileSet images = ImageFolder.Open(_root, memoryLimitBytes: memoryLimit);

        Assert.Equal("4 of 6 images do not decode and are left out: 0.png, 2.jpg, 3.jpg and 1 more", images.RejectionNotice);
        Assert.Equal([In("a/0.png"), In("a/2.jpg"), In("a/3.jpg"), In("a/4.jpg")], images.Rejected.Select(r => r.Path));
        Assert.All(images.Rejected, r => Assert.DoesNotContain('\n', r.Reason));
        Assert.Equal([In("a/1.png"), In("b/1.png")], [images.PathOf(0), images.PathOf(1)]);
        Assert.Equal((good.Pixels[0], other.Pixels[0]), (TestSets.Samples(images, 0)[0], TestSets.Samples(images, 1)[0]));
    }

    [Fact]
    public void Empty_class_is_refused()
    {
        Add("a/1.png", 3, 3, 1);
        Directory.CreateDirectory(In("b"));
        TestSets.Fails(() => ImageFolder.Open(_root), _root, "no image of class 'b'");
        File.WriteAllText(In("b/x.png"), "no image");
        TestSets.Fails(() => ImageFolder.Open(_root), "no image of class 'b'", "1 of 2 images do not decode", "x.png");
    }

    [Fact]
    public void Folder_without_folders_and_missing_folder_are_refused()
    {
        TestSets.Fails(() => ImageFolder.Open(_root), _root, "holds no folders");
        TestSets.Fails(() => ImageFolder.Open(In("none")), "none", "no such file or folder");
        Add("a/1.png", 3, 3, 1);
        TestSets.Fails(() => ImageFolder.Open(_root, new ImageShape(4, 2, 2)), "4x2x2");
    }

    [Fact]
    public void File_that_vanishes_later_is_named()
    {
        Add("a/1.png", 3, 3, 1);
        ImageFileSet images = ImageFolder.Open(_root, memoryLimitBytes: 0);
        File.Delete(In("a/1.png"));
        TestSets.Fails(() => TestSets.Samples(images, 0), "1.png", "when the data set was opened");
    }

    private RgbImage Add(string name, int width, int height, int seed)
    {
        RgbImage image = TestImages.Noise(width, height, seed);
        ImageFile.Write(Made(Path.ChangeExtension(name, ".png")), image);
        if (!name.EndsWith(".png", StringComparison.Ordinal))
        {
            File.Move(In(Path.ChangeExtension(name, ".png")), In(name));
        }
        return image;
    }

    private string Made(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        return In(name);
    }

    private string In(string name) => Path.Combine(_root, name);
}
