using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>An input or output of a bound slice: how the device gets at the host's memory.</summary>
internal interface IBoundEnd : IDisposable
{
    /// <summary>Where the device finds it.</summary>
    Placement Placement { get; }

    /// <summary>Whether anything is done for a run.</summary>
    bool IsTransferred { get; }

    /// <summary>Hands it over to the device before a run.</summary>
    void ToDevice(QueueHandle queue);

    /// <summary>Hands it over to the host after a run; when it returns, the host can read and write it.</summary>
    void ToHost(QueueHandle queue);
}
