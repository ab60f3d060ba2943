using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Learning.Data;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Images;
using Tandem.Learning.Training;

namespace Tandem.Learning.Tests.Training;

/// <summary>The whole way on a machine without data: images that the program draws, batches, steps, and accuracy on images not seen.</summary>
public class ProceduralTrainingTests
{
    private const int Size = 64;
    private const int Steps = 600;
    private const int Classes = 10;

    [Fact]
    public void Resnet8_learns_the_procedural_images_in_600_steps()
    {
        Graph network = InitialWeights.Draw(ModelZoo.Make("resnet8", batch: Size), 1);
        using var session = new TrainingSession(TrainingGraph.Build(network, Loss, new Sgd(0.9, 5e-4, IsNesterov: true)));
        var schedule = new CosineSchedule(0.1, Steps, WarmupSteps: Steps / 4);
        using var loader = new BatchLoader(
            new ProceduralImages(Size * Steps, 1), Augmentation.None(PixelScaling.ImageNet), new BatchLoaderOptions { BatchSize = Size, Epochs = 1 });
        while (Next(loader, session))
        {
            session.Step(schedule.At(session.Steps));
        }
        Assert.Equal(Steps, session.Steps);
        double accuracy = Accuracy(session, new ProceduralImages(16 * Size, 2));
        Assert.True(accuracy > 0.95, $"accuracy on images that were not trained on is {accuracy:P1}");
    }

    private static double Accuracy(TrainingSession session, ProceduralImages images)
    {
        using var loader = new BatchLoader(images, Augmentation.None(PixelScaling.ImageNet), BatchLoaderOptions.ForEvaluation(Size));
        int right = 0;
        while (Next(loader, session))
        {
            session.Evaluate();
            ReadOnlySpan<float> logits = session.Output(session.Graph.Forward.Outputs[0].Name);
            for (int i = 0; i < Size; i++)
            {
                ReadOnlySpan<float> scores = logits.Slice(i * Classes, Classes);
                int label = (int)session.Input<long>("labels")[i];
                bool isRight = true;
                for (int other = 0; other < Classes; other++)
                {
                    isRight &= other == label || scores[label] > scores[other];
                }
                right += isRight ? 1 : 0;
            }
        }
        return (double)right / images.Count;
    }

    private static bool Next(BatchLoader loader, TrainingSession session)
    {
        if (loader.Next() is not Batch batch)
        {
            return false;
        }
        batch.ImageValue.GetTensorDataAsSpan<float>().CopyTo(session.Input<float>("image"));
        batch.LabelValue.GetTensorDataAsSpan<long>().CopyTo(session.Input<long>("labels"));
        return true;
    }

    private static Tensor Loss(GraphDraft draft) => Losses.SoftmaxCrossEntropy(
        draft, draft[draft.Operators.Last(op => op.Type == "Gemm").Outputs[0]],
        draft.Input(new Tensor("labels", ElementType.Int64, new Shape(Size))));
}
