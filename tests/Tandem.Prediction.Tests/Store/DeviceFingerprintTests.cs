using Tandem.Prediction.Store;

namespace Tandem.Prediction.Tests.Store;

public sealed class DeviceFingerprintTests
{
    private const string CpuInfo = """
        processor	: 0
        model name	: Some CPU @ 2.00GHz
        cpu MHz		: 1999.998

        processor	: 1
        model name	: Some CPU @ 2.00GHz
        cpu MHz		: 2400.001
        """;

    private const string MemInfo = "MemTotal:       16303428 kB\nMemFree:        1 kB\n";

    [Fact]
    public void Current_is_twelve_digits_and_stable()
    {
        Assert.Matches("^[0-9a-f]{12}$", DeviceFingerprint.Current().Id);
        Assert.Same(DeviceFingerprint.Current(), DeviceFingerprint.Current());
        Assert.True(DeviceFingerprint.Current().CoreCount > 0);
    }

    [Fact]
    public void X86_is_named_by_its_model()
    {
        DeviceFingerprint device = DeviceFingerprint.FromLinux(CpuInfo, MemInfo, "", "linux-x64");

        Assert.Equal(new DeviceFingerprint("Some CPU @ 2.00GHz", 2, 16, "linux-x64"), device);
    }

    [Fact]
    public void Clock_and_a_little_memory_do_not_matter()
    {
        DeviceFingerprint device = DeviceFingerprint.FromLinux(CpuInfo, MemInfo, "", "linux-x64");
        string later = CpuInfo.Replace("1999.998", "800.000", StringComparison.Ordinal);

        Assert.Equal(device.Id, DeviceFingerprint.FromLinux(later, "MemTotal: 15900000 kB\n", "", "linux-x64").Id);
    }

    [Fact]
    public void Arm_is_named_by_board_and_core_designs()
    {
        const string Arm = "processor\t: 0\nCPU part\t: 0xd05\n\nprocessor\t: 1\nCPU part\t: 0xd0b\n";

        DeviceFingerprint device = DeviceFingerprint.FromLinux(Arm, MemInfo, "A Board Rev 1\0", "linux-arm64");

        Assert.Equal("A Board Rev 1 + 0xd05 + 0xd0b", device.CpuModel);
        Assert.Equal(2, device.CoreCount);
    }

    [Fact]
    public void Every_part_makes_another_device()
    {
        var device = new DeviceFingerprint("A", 2, 16, "linux-x64");
        DeviceFingerprint[] others =
            [device with { CpuModel = "B" }, device with { CoreCount = 4 }, device with { MemoryClassGiB = 32 }, device with { System = "win-x64" }];

        Assert.Equal(5, others.Append(device).Select(d => d.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(0L, 1)]
    [InlineData(1L << 30, 1)]
    [InlineData(3L << 30, 4)]
    [InlineData(16_694_710_272L, 16)]
    [InlineData(64L << 30, 64)]
    public void Memory_is_rounded_up_to_a_power_of_two(long bytes, int expected) =>
        Assert.Equal(expected, DeviceFingerprint.MemoryClass(bytes));

    [Fact]
    public void Missing_facts_still_make_a_fingerprint() =>
        Assert.Equal("unknown CPU", DeviceFingerprint.FromLinux("", "", "", "linux-x64").CpuModel);
}
