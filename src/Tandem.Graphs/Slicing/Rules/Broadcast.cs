namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Where an axis of a broadcast result lies in an operand (shapes are aligned at their last axes).</summary>
internal static class Broadcast
{
    /// <summary>The operand's axis; -1 where the operand has none there or repeats one element along it.</summary>
    public static int AxisIn(Shape operand, Shape result, int axis)
    {
        int place = axis - (result.Rank - operand.Rank);
        return place < 0 || (operand[place] == 1 && result[axis] > 1) ? -1 : place;
    }
}
