namespace Tandem.Execution.Tests;

/// <summary>Tests that look at the memory of the whole process: no other test may run beside them.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
