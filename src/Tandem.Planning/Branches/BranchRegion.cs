namespace Tandem.Planning.Branches;

/// <summary>
/// Parallel branches of a network: all of them read what one kernel makes, none reads another's tensors, and all they make is
/// read by one kernel.
/// </summary>
/// <param name="Fork">Index of the kernel whose outputs they read; -1 for the inputs of the network.</param>
/// <param name="Join">Index of the kernel that reads what they make.</param>
/// <param name="Branches">
/// The kernels of each branch by index, in the order in which they run; two branches or more. A shortcut without kernels is no branch.
/// </param>
/// <param name="Inner">Regions inside single branches, outermost first.</param>
public sealed record BranchRegion(
    int Fork, int Join, IReadOnlyList<IReadOnlyList<int>> Branches, IReadOnlyList<BranchRegion> Inner)
{
    /// <summary>All kernels of all branches, lowest first.</summary>
    public IReadOnlyList<int> Kernels { get; } = [.. Branches.SelectMany(branch => branch).Order()];
}
