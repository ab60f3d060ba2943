using Tandem.Graphs;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Null;

namespace Tandem.Execution.Tests;

public sealed class DeviceChoicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-choices").FullName;

    [Fact]
    public void Stored_choices_are_known_to_processors_before_any_plan_is_compiled()
    {
        string path = Path.Combine(_folder, "profile.db");
        var gpu = new ChoosingProcessor();
        using var device = new LocalDevice([TestDevice.Processor("cpu"), gpu], null);
        using (var store = new ProfileStore(path, DeviceFingerprint.Current()))
        {
            store.Add(
                new Measurement(gpu.Info.Key, CostNames.HandOverBy("mapped"), 9, "us", DateTimeOffset.UnixEpoch),
                new Measurement(gpu.Info.Key, CostNames.HandOverBy("virtual"), 7, "us", DateTimeOffset.UnixEpoch),
                new Measurement(gpu.Info.Key, CostNames.VariantOf("conv;1;2;4", "small"), 5, "us", DateTimeOffset.UnixEpoch),
                new Measurement(gpu.Info.Key, CostNames.VariantOf("conv;1;2;4", "large"), 4, "us", DateTimeOffset.UnixEpoch));
        }
        using var deployed = new Deployment(TestDevice.Model, TestDevice.Network, device, TestDevice.Quick with { ProfilePath = path });
        Assert.Equal("virtual", gpu.HandOver);
        Assert.Equal(("conv;1;2;4", "large"), Assert.Single(gpu.Used));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class ChoosingProcessor : IHandOverChoice, ITunableProcessor
    {
        private readonly NullProcessor _inner = new("gpu", _ => default);

        public List<(string, string?)> Used { get; } = [];

        public ProcessorInfo Info => _inner.Info;

        public IReadOnlyList<string> HandOvers => ["mapped", "virtual"];

        public string HandOver { get; set; } = "mapped";

        public IReadOnlyList<TunableKernel> TunableKernels(Graph slice) => [];

        public void UseVariant(string kernelClass, string? variant) => Used.Add((kernelClass, variant));

        public void EnterWorkerThread() => _inner.EnterWorkerThread();

        public ICompiledSlice Compile(Graph slice) => _inner.Compile(slice);

        public void Dispose() => _inner.Dispose();
    }
}
