namespace Tandem.Learning.Data;

/// <summary>How many images each class has.</summary>
public static class ClassCounts
{
    /// <summary>The number of images of each class, in the order of the classes.</summary>
    public static int[] Of(ILabelledImages images)
    {
        int[] counts = new int[images.Classes.Count];
        for (int i = 0; i < images.Count; i++)
        {
            counts[images.LabelOf(i)]++;
        }
        return counts;
    }

    /// <summary>Checks that every label is a class and every class has an image.</summary>
    /// <param name="labels">The class of each image.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="source">What error messages call the data.</param>
    /// <exception cref="DatasetException">That is not so.</exception>
    internal static void Check(ReadOnlySpan<int> labels, IReadOnlyList<string> classes, string source)
    {
        if (labels.IsEmpty || classes.Count == 0)
        {
            throw new DatasetException($"{source} holds no images: give at least one for each class");
        }
        bool[] isUsed = new bool[classes.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes.Count)
            {
                throw new DatasetException(
                    $"{source}: image {i} has label {labels[i]}, which is not one of 0 to {classes.Count - 1}: correct it or name more classes");
            }
            isUsed[labels[i]] = true;
        }
        int empty = Array.IndexOf(isUsed, false);
        if (empty >= 0)
        {
            throw new DatasetException($"{source} has no image of class '{classes[empty]}': add images or drop the class");
        }
    }
}
