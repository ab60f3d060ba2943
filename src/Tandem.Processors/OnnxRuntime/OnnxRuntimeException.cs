namespace Tandem.Processors.OnnxRuntime;

/// <summary>ONNX Runtime reported a failure. The message is its own, on one line, without its source locations.</summary>
public sealed class OnnxRuntimeException : TandemException
{
    /// <summary>Makes the exception from a status.</summary>
    /// <param name="errorCode">The kind of failure.</param>
    /// <param name="message">ONNX Runtime's message, possibly of several lines.</param>
    public OnnxRuntimeException(OrtErrorCode errorCode, string message)
        : base($"ONNX Runtime: {OrtMessage.Clean(message)} ({errorCode})")
    {
        ErrorCode = errorCode;
        Detail = OrtMessage.Clean(message);
    }

    /// <summary>The kind of failure.</summary>
    public OrtErrorCode ErrorCode { get; }

    /// <summary>ONNX Runtime's message alone, on one line.</summary>
    public string Detail { get; }
}

/// <summary>Kinds of failures, numbered as in ONNX Runtime's C API.</summary>
public enum OrtErrorCode
{
    /// <summary>No failure.</summary>
    Ok = 0,
    /// <summary>A failure of no other kind.</summary>
    Fail = 1,
    /// <summary>An argument does not fit, such as an input's name, type or shape.</summary>
    InvalidArgument = 2,
    /// <summary>A file does not exist.</summary>
    NoSuchFile = 3,
    /// <summary>No model was loaded.</summary>
    NoModel = 4,
    /// <summary>The engine failed.</summary>
    EngineError = 5,
    /// <summary>An exception inside ONNX Runtime.</summary>
    RuntimeException = 6,
    /// <summary>The bytes are not an ONNX model.</summary>
    InvalidProtobuf = 7,
    /// <summary>A model is loaded already.</summary>
    ModelLoaded = 8,
    /// <summary>An operator, or a type for it, is not implemented.</summary>
    NotImplemented = 9,
    /// <summary>The model's graph is not valid.</summary>
    InvalidGraph = 10,
    /// <summary>An execution provider failed.</summary>
    EpFail = 11,
    /// <summary>Loading was cancelled.</summary>
    ModelLoadCanceled = 12,
    /// <summary>The model must be compiled first.</summary>
    ModelRequiresCompilation = 13,
    /// <summary>Something that was asked for is not there.</summary>
    NotFound = 14,
}
