using Tandem.Prediction.Store;

namespace Tandem.Prediction.Tests.Store;

public sealed class ProfilePathTests
{
    [Theory]
    [InlineData("/x/p.db", "/data", "/x/p.db")]
    [InlineData(null, "/data", "/data/tandem/profile.db")]
    [InlineData("", "relative", "/home/u/.local/share/tandem/profile.db")]
    [InlineData(null, null, "/home/u/.local/share/tandem/profile.db")]
    public void The_environment_decides(string? profile, string? dataHome, string expected)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("paths of Unix systems");
        }
        var environment = new Dictionary<string, string?> { ["TANDEM_PROFILE"] = profile, ["XDG_DATA_HOME"] = dataHome, ["HOME"] = "/home/u" };

        Assert.Equal(expected, ProfilePath.From(name => environment.GetValueOrDefault(name), isWindows: false));
    }
}
