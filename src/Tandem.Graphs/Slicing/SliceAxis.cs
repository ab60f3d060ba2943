namespace Tandem.Graphs.Slicing;

/// <summary>How a region of a graph is divided between processors. Persisted in plans: values never change.</summary>
public enum SliceAxis
{
    /// <summary>Not divided: one processor runs the whole region (a cut by depth).</summary>
    None = 0,
    /// <summary>By output channels (OC): every slice reads all that the first operators read, and makes some channels.</summary>
    Channels = 1,
    /// <summary>By rows (H): every slice makes some rows, and reads the rows and the halo that these need.</summary>
    Rows = 2,
    /// <summary>
    /// By input channels (IC) of the last product: every slice makes its share of the channels that the product reads, and
    /// from these a partial sum of all that the product makes. Slices with <see cref="SliceSpec.Summands"/> add the sums.
    /// </summary>
    InputChannels = 3,
}
