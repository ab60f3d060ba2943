namespace Tandem.Graphs.Slicing;

/// <summary>
/// Sets of tensors whose channels are cut together (union-find), each with the number of equal blocks that it can be
/// cut into.
/// </summary>
internal sealed class ChannelGroups
{
    private readonly Dictionary<string, string> _parents = [];
    private readonly Dictionary<string, long> _blocks = [];

    /// <summary>Whether a tensor is cut by channels.</summary>
    public bool Contains(string tensor) => _parents.ContainsKey(tensor);

    /// <summary>
    /// Says that a tensor is cut, at places that divide its channels into this many blocks (or fewer).
    /// </summary>
    public void Add(string tensor, long blocks)
    {
        if (_parents.TryAdd(tensor, tensor))
        {
            _blocks[tensor] = blocks;
            return;
        }
        string root = Root(tensor);
        _blocks[root] = (long)System.Numerics.BigInteger.GreatestCommonDivisor(_blocks[root], blocks);
    }

    /// <summary>Says that two tensors are cut at the same fractions of their channels.</summary>
    public void Join(string a, string b)
    {
        (string rootA, string rootB) = (Root(a), Root(b));
        if (rootA != rootB)
        {
            _parents[rootB] = rootA;
            _blocks[rootA] = (long)System.Numerics.BigInteger.GreatestCommonDivisor(_blocks[rootA], _blocks[rootB]);
        }
    }

    /// <summary>How many equal blocks a tensor's channels can be cut into.</summary>
    public long Blocks(string tensor) => _blocks[Root(tensor)];

    private string Root(string tensor)
    {
        while (_parents[tensor] != tensor)
        {
            tensor = _parents[tensor] = _parents[_parents[tensor]];
        }
        return tensor;
    }
}
