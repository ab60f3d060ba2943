using System.Buffers.Binary;
using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Images;

public sealed class CifarImageTests
{
    [Fact]
    public void Cifar_records_decode_to_32_by_32_pixels()
    {
        string? file = Find("cifar10/test.bin");
        if (file is null)
        {
            Assert.Skip("shared/data/cifar10/test.bin is not here");
        }
        byte[] records = File.ReadAllBytes(file);
        int count = 0;
        // A record: class (1 byte), length (2 bytes, little-endian), JPEG.
        for (int start = 0; start < records.Length; count++)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records.AsSpan(start + 1));
            if (count % 50 == 0)
            {
                RgbImage image = ImageFile.Decode(records.AsSpan(start + 3, length), $"record {count}");
                Assert.Equal((32, 32), (image.Width, image.Height));
                Assert.True(image.Pixels.Distinct().Count() > 1);
            }
            start += 3 + length;
        }
        Assert.Equal(10_000, count);
    }

    private static string? Find(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path))
            {
                return path;
            }
        }
        return null;
    }
}
