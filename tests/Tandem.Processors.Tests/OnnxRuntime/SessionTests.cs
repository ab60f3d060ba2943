using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Options, errors and messages of the binding, without a model file.</summary>
public sealed class SessionTests
{
    private static readonly string[] _available = ["WebGpuExecutionProvider", "DmlExecutionProvider", "CPUExecutionProvider"];

    [Theory]
    [InlineData("webgpu", "WebGPU")]
    [InlineData("WebGPU", "WebGPU")]
    [InlineData("WebGpuExecutionProvider", "WebGPU")]
    [InlineData("DirectML", "DML")]
    [InlineData("CPU", "CPU")]
    public void Provider_is_found_by_the_names_people_use(string name, string expected) =>
        Assert.Equal(expected, ExecutionProvider.Find(name, _available).Name);

    [Fact]
    public void Missing_provider_lists_those_that_are_there()
    {
        var failure = Assert.Throws<ProcessorFailedException>(() => ExecutionProvider.Find("CUDA", _available));
        Assert.Contains("'CUDA'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("WebGPU, DML, CPU", failure.Message, StringComparison.Ordinal);
        using var options = new SessionOptions();
        Assert.Throws<ProcessorFailedException>(() => options.AppendExecutionProvider("NoSuchProvider"));
    }

    [Fact]
    public void Cpu_provider_is_there_without_asking()
    {
        using var options = new SessionOptions();
        options.AppendExecutionProvider("CPU");
    }

    [Fact]
    public void Options_return_what_was_set()
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 2,
            InterOpNumThreads = 3,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            ExecutionMode = ExecutionMode.ORT_PARALLEL,
            EnableCpuMemArena = false,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        Assert.Equal((2, 3), (options.IntraOpNumThreads, options.InterOpNumThreads));
        Assert.Equal(GraphOptimizationLevel.ORT_ENABLE_EXTENDED, options.GraphOptimizationLevel);
        Assert.Equal(ExecutionMode.ORT_PARALLEL, options.ExecutionMode);
        Assert.False(options.EnableCpuMemArena);
        Assert.False(options.EnableMemoryPattern);
    }

    [Fact]
    public void Disposed_options_are_not_used()
    {
        var options = new SessionOptions();
        options.Dispose();
        options.Dispose();
        Assert.Throws<ObjectDisposedException>(() => options.IntraOpNumThreads = 1);
    }

    [Fact]
    public void Invalid_setting_is_a_typed_exception()
    {
        using var options = new SessionOptions();
        var failure = Assert.Throws<OnnxRuntimeException>(() => options.AddSessionConfigEntry("", "1"));
        Assert.NotEqual(OrtErrorCode.Ok, failure.ErrorCode);
        Assert.IsAssignableFrom<TandemException>(failure);
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused_in_one_line()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        var failure = Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(bytes));
        Assert.Equal(OrtErrorCode.InvalidProtobuf, failure.ErrorCode);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Missing_model_file_is_named()
    {
        string missing = Path.Combine(AppContext.BaseDirectory, "none.onnx");
        var failure = Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(missing));
        Assert.Equal(OrtErrorCode.NoSuchFile, failure.ErrorCode);
        Assert.Contains(missing, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_keeps_its_elements()
    {
        long[] data = [1, 2, 3, 4, 5, 6];
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(data, [2, 3]);
        Assert.True(value.IsTensor);
        Assert.Equal(data, value.GetTensorDataAsSpan<long>().ToArray());
        value.GetTensorMutableDataAsSpan<long>()[5] = 60;
        Assert.Equal(60, data[5]);
        Assert.Equal(TensorElementType.Int64, value.GetTensorTypeAndShape().ElementDataType);
        Assert.Equal([2, 3], value.GetTensorTypeAndShape().Shape);
        Assert.Throws<InvalidOperationException>(() => value.GetTensorDataAsSpan<float>());
    }

    [Fact]
    public void Value_on_too_little_memory_is_refused()
    {
        var failure = Assert.Throws<OnnxRuntimeException>(
            () => OrtValue.CreateTensorValueFromMemory(new float[5], [2, 3]));
        Assert.Equal(OrtErrorCode.InvalidArgument, failure.ErrorCode);
    }

    [Fact]
    public void Allocated_value_is_writable()
    {
        using OrtValue value = OrtValue.CreateAllocatedTensorValue(TensorElementType.Float16, [4]);
        value.GetTensorMutableDataAsSpan<Half>().Fill((Half)1.5);
        Assert.Equal((Half)1.5, value.GetTensorDataAsSpan<Half>()[3]);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two\n  lines", "two lines")]
    [InlineData("", "no message")]
    [InlineData(
        "Exception during loading: /src/core/graph/model.cc:182 onnxruntime::Model::Model(ModelProto&&, const Path&, "
            + "std::function<void()>) const IR version 99 is too new",
        "Exception during loading: IR version 99 is too new")]
    public void Message_of_the_library_becomes_one_line(string message, string expected) =>
        Assert.Equal(expected, OrtMessage.Clean(message));
}
