namespace Tandem.Processors.OpenCl.Programs;

/// <summary>What identifies a program: its source and the options it is built with.</summary>
/// <param name="Name">The file of kernels, without ".cl".</param>
/// <param name="Options">Macro definitions beyond those that all programs of a device share, as for a compiler.</param>
/// <param name="Standard">The version of the language.</param>
internal sealed record ProgramKey(string Name, string Options = "", string Standard = "CL1.2");
