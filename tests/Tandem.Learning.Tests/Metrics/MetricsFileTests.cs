using Tandem.Learning.Metrics;

namespace Tandem.Learning.Tests.Metrics;

public sealed class MetricsFileTests : IDisposable
{
    private static readonly string[] Exits = ["exit_1_accuracy", "exit, \"2\""];

    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-metrics-").FullName;

    private string File => Path.Combine(_folder, "metrics.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_line_is_there_as_soon_as_it_is_written()
    {
        using var file = MetricsFile.Create(File, []);
        file.Write(new MetricsRow(MetricsKind.Epoch, 1, 390) { LearningRate = 0.1, TrainingLoss = 1.25, ImagesPerSecond = 1e6 });
        Assert.Equal(
            "kind,epoch,step,learning_rate,training_loss,training_accuracy,validation_loss,validation_accuracy,images_per_second,seconds\n"
            + "epoch,1,390,0.1,1.25,,,,1000000,\n", Shared(File));
    }

    [Fact]
    public void Rows_are_read_as_they_were_written()
    {
        MetricsRow[] rows = [Row(MetricsKind.Steps, 10), Row(MetricsKind.Epoch, 20), Row(MetricsKind.Steps, 30) with { TrainingLoss = double.NaN, Seconds = null }];
        using (var file = MetricsFile.Create(File, Exits))
        {
            Array.ForEach(rows, file.Write);
        }
        MetricsTable table = MetricsFile.Read(File);
        Assert.Equal(Exits, table.FurtherColumns);
        Assert.Equal(rows.Select(Text), table.Rows.Select(Text));
    }

    [Fact]
    public void Run_that_goes_on_leaves_the_file_of_one_that_was_not_interrupted()
    {
        MetricsRow[] rows = [.. Enumerable.Range(1, 8).Select(i => Row(i % 2 == 0 ? MetricsKind.Epoch : MetricsKind.Steps, 10 * i))];
        using (var file = MetricsFile.Create(File, Exits))
        {
            Array.ForEach(rows, file.Write);
        }
        string whole = System.IO.File.ReadAllText(File);
        System.IO.File.AppendAllText(File, "epoch,9,9");

        using (var file = MetricsFile.Resume(File, Exits, step: 45))
        {
            Assert.Equal(rows[..4].Select(Text), file.Kept.Rows.Select(Text));
            Array.ForEach(rows[4..], file.Write);
        }

        Assert.Equal(whole, System.IO.File.ReadAllText(File));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Run_that_goes_on_without_a_file_begins_one()
    {
        using (var file = MetricsFile.Resume(File, Exits, step: 45))
        {
            Assert.Empty(file.Kept.Rows);
            file.Write(Row(MetricsKind.Epoch, 50));
        }
        Assert.Single(MetricsFile.Read(File).Rows);
    }

    [Fact]
    public void New_run_replaces_the_file()
    {
        System.IO.File.WriteAllText(File, "something else");
        MetricsFile.Create(File, []).Dispose();
        Assert.Empty(MetricsFile.Read(File).Rows);
    }

    [Theory]
    [InlineData("", "no metrics")]
    [InlineData("a,b\n", "no metrics")]
    [InlineData("HEADER\nepoch,1\n", "line 2", "2 columns")]
    [InlineData("HEADER\nepoch,1,2,x,,,,,,\n", "damaged")]
    [InlineData("HEADER\nepoch,1,1.5,,,,,,,\n", "damaged")]
    [InlineData("HEADER\nday,1,2,,,,,,,\n", "damaged", "'day'")]
    public void Other_files_are_refused_in_one_line(string text, params string[] parts)
    {
        MetricsFile.Create(File, []).Dispose();
        string header = System.IO.File.ReadAllText(File).Trim();
        System.IO.File.WriteAllText(File, text.Replace("HEADER", header, StringComparison.Ordinal));
        Fails(() => MetricsFile.Read(File), [File, .. parts]);
    }

    [Fact]
    public void Other_columns_and_places_that_cannot_be_written_are_refused()
    {
        MetricsFile.Create(File, Exits).Dispose();
        Fails(() => MetricsFile.Resume(File, ["other"], 1).Dispose(), "exit_1_accuracy", "other");
        Fails(() => MetricsFile.Create(Path.Combine(_folder, "none", "m.csv"), []).Dispose(), "none", "folder");
        Fails(() => MetricsFile.Read(Path.Combine(_folder, "none.csv")), "none.csv");
        using var file = MetricsFile.Resume(File, Exits, 1);
        Assert.Throws<ArgumentException>(() => file.Write(new MetricsRow(MetricsKind.Epoch, 1, 1)));
    }

    [Fact]
    public void Curves_take_steps_for_training_and_epochs_for_validation()
    {
        var table = new MetricsTable(Exits, [.. Enumerable.Range(1, 8).Select(i => Row(i % 2 == 0 ? MetricsKind.Epoch : MetricsKind.Steps, 10 * i))]);
        IReadOnlyList<CurveChart> charts = TrainingCurves.Of(table);
        Assert.Equal(["Loss", "Accuracy", "Learning rate"], charts.Select(c => c.Title));
        Assert.Equal(["training", "validation", "exit 1 accuracy"], charts[1].Curves.Select(c => c.Name));
        Assert.Equal([0.5, 1.5, 2.5, 3.5], charts[0].Curves[0].Points.Select(p => p.X));
        Assert.Equal(new CurvePoint(1, 60), charts[1].Curves[1].Points[0]);
    }

    [Fact]
    public void Curves_without_steps_take_epochs_and_what_was_not_measured_is_left_out()
    {
        MetricsRow[] rows = [.. Enumerable.Range(1, 3).Select(i => new MetricsRow(MetricsKind.Epoch, i, i) { TrainingLoss = 1.0 / i })];
        CurveChart chart = Assert.Single(TrainingCurves.Of(new MetricsTable([], rows)));
        Curve curve = Assert.Single(chart.Curves);
        Assert.Equal([new(1, 1), new(2, 0.5), new(3, 1.0 / 3)], curve.Points);
        Assert.Empty(TrainingCurves.Of(new MetricsTable([], [])));
    }

    private static MetricsRow Row(MetricsKind kind, long step) => new(kind, step / 20.0, step)
    {
        LearningRate = 0.1 / step,
        TrainingLoss = 1.0 / 3 / step,
        TrainingAccuracy = 0.5,
        ValidationLoss = kind == MetricsKind.Epoch ? 2 : null,
        ValidationAccuracy = kind == MetricsKind.Epoch ? 0.6 : null,
        ImagesPerSecond = 123.456,
        Seconds = step * 1.5,
        Further = [0.25, null],
    };

    private static string Text(MetricsRow row) => row with { Further = [] } + string.Join(";", row.Further);

    private static string Shared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Fails(Action action, params string[] parts)
    {
        string message = Assert.Throws<MetricsException>(action).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }
}
