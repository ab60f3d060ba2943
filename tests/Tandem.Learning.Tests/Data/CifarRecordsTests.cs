using Tandem.Learning.Data;
using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Data;

public sealed class CifarRecordsTests
{
    [Fact]
    public void First_records_of_the_training_file_are_known()
    {
        StoredImages images = CifarRecords.Read(SharedFiles.PathOf("cifar10/train.bin"), most: 200);
        Assert.Equal((200, CifarRecords.Shape), (images.Count, images.Shape));
        Assert.Equal([2, 3, 9, 5, 8, 6, 6, 2, 6, 5], Enumerable.Range(0, 10).Select(images.LabelOf));
        byte[] first = TestSets.Samples(images, 0);
        Assert.Equal([141, 145, 160, 155, 199, 241], first[..6]);
        Assert.Equal([434690, 281277, 340431], Enumerable.Range(0, 3).Select(i => TestSets.Samples(images, i).Sum(sample => sample)));
    }

    [Fact]
    public void Whole_test_file_has_a_thousand_images_of_each_class()
    {
        StoredImages images = CifarRecords.Read(SharedFiles.PathOf("cifar10/test.bin"));
        Assert.Equal(Enumerable.Repeat(1000, 10), ClassCounts.Of(images));
        Assert.Equal(("airplane", 0), (images.Classes[images.LabelOf(0)], images.LabelOf(999)));
        Assert.Equal(9, images.LabelOf(9999));
    }

    [Fact]
    public void Samples_are_the_decoded_images_plane_by_plane()
    {
        StoredImages images = CifarRecords.Decode(Records(20), "set");
        Assert.Equal(20, images.Count);
        for (int i = 0; i < images.Count; i++)
        {
            RgbImage image = ImageFile.Decode(Jpeg(i), "image");
            byte[] samples = TestSets.Samples(images, i);
            Assert.Equal(i % 10, images.LabelOf(i));
            Assert.All(Enumerable.Range(0, samples.Length), s => Assert.Equal(image.Pixels[(s % 1024 * 3) + (s / 1024)], samples[s]));
        }
    }

    [Fact]
    public void Cut_short_file_is_refused_with_its_record()
    {
        byte[] records = Records(12);
        TestSets.Fails(() => CifarRecords.Decode(records[..^1], "t.bin"), "t.bin", "record 11", "cut short");
        TestSets.Fails(() => CifarRecords.Decode([.. records, 3], "t.bin"), "record 12", "cut short");
        TestSets.Fails(() => CifarRecords.Decode([.. records, 3, 200], "t.bin"), "record 12");
    }

    [Fact]
    public void Label_out_of_range_is_refused_with_its_record()
    {
        byte[] records = Records(12);
        records[0] = 10;
        TestSets.Fails(() => CifarRecords.Decode(records, "t.bin"), "t.bin", "record 0", "class 10");
    }

    [Fact]
    public void Damaged_image_is_refused_with_the_first_record_that_is()
    {
        byte[] records = Records(12);
        int second = 3 + Jpeg(0).Length;
        records[second + 3] = 0;
        records[3] = 0;
        TestSets.Fails(() => CifarRecords.Decode(records, "t.bin"), "t.bin", "record 0", "not a PNG or JPEG");
    }

    [Fact]
    public void Image_of_another_size_is_refused() => TestSets.Fails(
        () => CifarRecords.Decode([.. Records(10), .. Record(0, TempJpeg(16, 8, 1))], "t.bin"), "record 10", "16x8");

    [Fact]
    public void Missing_class_empty_file_and_missing_file_are_refused()
    {
        TestSets.Fails(() => CifarRecords.Decode(Records(9), "t.bin"), "no image of class 'truck'");
        TestSets.Fails(() => CifarRecords.Decode([], "t.bin"), "t.bin", "no images");
        TestSets.Fails(() => CifarRecords.Read("no/such.bin"), "no/such.bin", "no such file");
    }

    private static byte[] Records(int count) => [.. Enumerable.Range(0, count).SelectMany(i => Record(i % 10, Jpeg(i)))];

    private static byte[] Record(int label, byte[] jpeg) => [(byte)label, (byte)jpeg.Length, (byte)(jpeg.Length >> 8), .. jpeg];

    private static byte[] Jpeg(int seed) => TempJpeg(32, 32, seed);

    private static byte[] TempJpeg(int width, int height, int seed) => new JpegCodec().Encode(Images.TestImages.Noise(width, height, seed));
}
