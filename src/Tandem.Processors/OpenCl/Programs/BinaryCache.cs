using System.Security.Cryptography;
using System.Text;

namespace Tandem.Processors.OpenCl.Programs;

/// <summary>
/// Built programs on disk, one file each, keyed by device, driver, source and options. A file is its own checksum and the
/// binary; what does not fit is treated as absent. A cache that cannot be read or written is no error: programs are then built.
/// </summary>
internal sealed class BinaryCache(string directory)
{
    private const int ChecksumBytes = SHA256.HashSizeInBytes;

    /// <summary>The key of a program.</summary>
    internal static string KeyOf(OpenClDevice device, string source, string options)
    {
        string identity = string.Join('\n', device.PlatformName, device.Name, device.Version, device.DriverVersion, options, source);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>The binary, or null where there is none that is whole.</summary>
    internal byte[]? Read(string key)
    {
        try
        {
            byte[] file = File.ReadAllBytes(PathOf(key));
            return file.Length > ChecksumBytes
                && SHA256.HashData(file.AsSpan(ChecksumBytes)).AsSpan().SequenceEqual(file.AsSpan(0, ChecksumBytes))
                ? file[ChecksumBytes..]
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Stores a binary; other processes see either the whole file or none.</summary>
    internal void Write(string key, byte[] binary)
    {
        try
        {
            Directory.CreateDirectory(directory);
            string temporary = PathOf($"{key}.{Guid.NewGuid():N}");
            using (FileStream file = File.Create(temporary))
            {
                file.Write(SHA256.HashData(binary));
                file.Write(binary);
            }
            File.Move(temporary, PathOf(key), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start builds again, which is slow but right.
        }
    }

    private string PathOf(string key) => Path.Combine(directory, key + ".bin");
}
