using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Turns operators of one family into kernel launches.</summary>
internal interface IOperatorLowering
{
    /// <summary>The types of operators it knows.</summary>
    IEnumerable<string> Types { get; }

    /// <summary>Adds the launches of an operator, and of those after it that it can take over.</summary>
    /// <exception cref="SliceRefusedException">A form of the operator that is not supported.</exception>
    void Lower(Operator op, SliceCompiler compiler);
}
