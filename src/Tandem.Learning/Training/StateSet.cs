using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Training;

/// <summary>Native memory for one version of all weights and other state.</summary>
internal sealed class StateSet : IDisposable
{
    private readonly OrtValue[] _values;

    /// <summary>Allocates the memory and fills it with the contents before the first step.</summary>
    public StateSet(IReadOnlyList<TrainingState> states)
    {
        States = states;
        _values = [.. states.Select(state => OrtValue.CreateAllocatedTensorValue(
            (TensorElementType)(int)state.Tensor.Type, [.. state.Tensor.Shape]))];
        for (int i = 0; i < _values.Length; i++)
        {
            Span<byte> contents = _values[i].GetTensorMutableRawData();
            if (states[i].Initial is Constant initial)
            {
                initial.Data.Span.CopyTo(contents);
            }
            else
            {
                contents.Clear();
            }
        }
    }

    /// <summary>What the memory is for, in order.</summary>
    public IReadOnlyList<TrainingState> States { get; }

    /// <summary>Whether all are numbers.</summary>
    public bool IsFinite => _values.All(value => AreFinite(value.GetTensorDataAsSpan<float>()));

    /// <summary>The value at this place.</summary>
    public OrtValue this[int index] => _values[index];

    /// <summary>A copy of the contents at this place.</summary>
    public Constant Copy(int index) => new(States[index].Tensor, _values[index].GetTensorMutableRawData().ToArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtValue value in _values)
        {
            value.Dispose();
        }
    }

    private static bool AreFinite(ReadOnlySpan<float> numbers)
    {
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
            {
                return false;
            }
        }
        return true;
    }
}
