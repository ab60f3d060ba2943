using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Policies;

/// <summary>The places between kernels where a network can be cut through one single tensor.</summary>
internal static class CutPoints
{
    /// <summary>For each place 0..count, whether at most one tensor made before it is read after it.</summary>
    public static bool[] Find(Network network)
    {
        int count = network.Kernels.Count;
        var alive = new int[count + 2];
        foreach ((string tensor, int lastReader) in LastReaders(network))
        {
            int made = MadeBy(network, tensor);
            // Alive at the places made+1 .. lastReader; a network input counts as made before kernel 0.
            for (int place = made + 1; place <= lastReader; place++)
            {
                alive[place]++;
            }
        }
        bool[] isCut = [.. alive.Take(count + 1).Select(a => a <= 1)];
        isCut[0] = isCut[count] = true;
        return isCut;
    }

    private static Dictionary<string, int> LastReaders(Network network)
    {
        Dictionary<string, int> last = [];
        foreach (Kernel kernel in network.Kernels)
        {
            foreach (string input in kernel.Inputs)
            {
                last[input] = kernel.Index;
            }
        }
        return last;
    }

    private static int MadeBy(Network network, string tensor) =>
        network.Kernels.FirstOrDefault(k => k.Outputs.Contains(tensor))?.Index ?? -1;
}
