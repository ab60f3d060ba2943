using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Store;

namespace Tandem.Prediction.Codl;

/// <summary>
/// The samples of one processor with the sizes of what was measured: each kernel of some networks whole, by half its channels
/// and by half its rows, as far as the profile has them. What CoDL's offline phase is fitted to.
/// </summary>
public sealed class CodlTrainingSet
{
    private readonly Profile _profile;
    private readonly List<MeasuredNetwork> _networks = [];

    /// <summary>Begins an empty set.</summary>
    /// <param name="processorKey">The processor.</param>
    /// <param name="profile">What is known of the device.</param>
    public CodlTrainingSet(string processorKey, Profile profile)
    {
        ProcessorKey = processorKey;
        _profile = profile;
    }

    /// <summary>The processor.</summary>
    public string ProcessorKey { get; }

    /// <summary>The networks, in the order in which they were added.</summary>
    public IReadOnlyList<MeasuredNetwork> Networks => _networks;

    /// <summary>Adds kernels that belong together, such as those of random sizes.</summary>
    public CodlTrainingSet Add(MeasuredNetwork network)
    {
        _networks.Add(network);
        return this;
    }

    /// <summary>Adds what the profile has of a network.</summary>
    public CodlTrainingSet Add(Network network, SliceKeys keys)
    {
        List<MeasuredKernel> kernels = [];
        HashSet<string> seen = [];
        double sumMs = 0;
        double bytes = 0;
        bool isComplete = true;
        foreach (Kernel kernel in network.Kernels)
        {
            var range = new KernelRange(kernel.Index, kernel.Index + 1);
            KernelShape shape = KernelShape.Of(kernel, network.Graph);
            Sample? whole = _profile.Find(ProcessorKey, keys.Of(range));
            if (whole is not { MedianMilliseconds: > 0 })
            {
                isComplete = false;
                continue;
            }
            sumMs += whole.P10Milliseconds;
            bytes += shape.HasOwnLayout
                ? kernel.Inputs.Concat(kernel.Outputs).Sum(t => (double)network.Graph.Tensors[t].SizeInBytes)
                : 0;
            if (seen.Add(whole.KernelSignature))
            {
                kernels.Add(new(whole.KernelSignature, shape, whole.MedianMilliseconds, 1, whole.MedianMilliseconds, 0, SpreadOf(whole)));
                kernels.AddRange(Halves(range, shape, whole.MedianMilliseconds, keys));
            }
        }
        double? wholeMs = isComplete ? _profile.Find(ProcessorKey, keys.Whole)?.P10Milliseconds : null;
        double ends = network.Graph.Inputs.Concat(network.Graph.Outputs).Sum(t => (double)t.SizeInBytes);
        _networks.Add(new(network.Graph.Name, kernels, network.Kernels.Count, sumMs, wholeMs, Math.Max(0, bytes - ends)));
        return this;
    }

    /// <summary>Fits the predictor.</summary>
    /// <param name="heldOut">A network to leave out, to test on it; every kernel that it shares with others is left out too.</param>
    /// <exception cref="TandemException">There is no sample.</exception>
    public CodlPredictor Fit(MeasuredNetwork? heldOut = null)
    {
        HashSet<string> unseen = heldOut is null ? [] : [.. heldOut.Kernels.Select(k => k.Key)];
        return Fit(_networks.Where(n => n != heldOut), k => unseen.Contains(k.Key));
    }

    /// <summary>Fits the predictor to all but some kernels, to test on these.</summary>
    /// <exception cref="TandemException">There is no sample.</exception>
    public CodlPredictor FitWithout(Func<MeasuredKernel, bool> isHeldOut) => Fit(_networks, isHeldOut);

    private CodlPredictor Fit(IEnumerable<MeasuredNetwork> from, Func<MeasuredKernel, bool> isHeldOut)
    {
        List<MeasuredNetwork> networks = [.. from.Select(n => n with { Kernels = [.. n.Kernels.Where(k => !isHeldOut(k))] })];
        MeasuredKernel[] kernels = [.. networks.SelectMany(n => n.Kernels).DistinctBy(k => k.Key)];
        if (kernels.Length == 0)
        {
            throw new TandemException(
                $"the profile has no sample of '{ProcessorKey}' to fit CoDL's predictor to: run 'tandem profile MODEL'");
        }
        return CodlPredictor.Fit(SharingCosts.Fit(ProcessorKey, _profile, networks), kernels);
    }

    private IEnumerable<MeasuredKernel> Halves(KernelRange kernel, KernelShape whole, double wholeMs, SliceKeys keys)
    {
        foreach (SliceAxis axis in new[] { SliceAxis.Channels, SliceAxis.Rows })
        {
            if (_profile.Find(ProcessorKey, keys.Of(new SliceSpec(kernel, axis, Share.FirstHalf))) is not { MedianMilliseconds: > 0 } sample)
            {
                continue;
            }
            long extent = axis == SliceAxis.Rows ? whole.Rows : whole.Channels;
            (long from, long to) = Share.FirstHalf.Indices(extent);
            if (from == to || extent == 1)
            {
                continue;
            }
            KernelShape half = axis == SliceAxis.Rows ? whole.WithRows(to) : whole.WithChannels(to);
            double rowBytes = axis == SliceAxis.Rows ? sizeof(float) * (half.Inputs + half.Outputs) : 0;
            yield return new(sample.KernelSignature, half, sample.MedianMilliseconds, (double)to / extent, wholeMs, rowBytes, SpreadOf(sample));
        }
    }

    private static double SpreadOf(Sample sample) =>
        Math.Max(sample.P90Milliseconds - sample.MedianMilliseconds, sample.MedianMilliseconds - sample.P10Milliseconds)
        / sample.MedianMilliseconds;
}
