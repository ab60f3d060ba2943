namespace Tandem.Processors.OpenCl.Operators;

/// <summary>What a reduction does; numbered as in normalization.cl.</summary>
internal enum ReduceFunction
{
    Sum = 0,
    Max = 1,
    Min = 2,
    SumOfAbsolutes = 3,
    SumOfSquares = 4,
}
