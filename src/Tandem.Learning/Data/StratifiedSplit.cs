namespace Tandem.Learning.Data;

/// <summary>
/// Divides a data set into one part to train on and one to validate with, each class in the same proportion. Equal seeds divide
/// equally on every machine.
/// </summary>
public static class StratifiedSplit
{
    /// <summary>Divides a data set.</summary>
    /// <param name="images">The data set.</param>
    /// <param name="validationShare">The share to validate with, above 0 and below 1; of each class at least one image is on either side.</param>
    /// <param name="seed">Says which images go where.</param>
    /// <returns>The two parts, each in the order of the data set.</returns>
    /// <exception cref="DatasetException">The share is out of range, or a class has one image only.</exception>
    public static (ImageSubset Training, ImageSubset Validation) Of(ILabelledImages images, double validationShare, ulong seed)
    {
        if (!(validationShare > 0 && validationShare < 1))
        {
            throw new DatasetException($"a validation share of {validationShare} is out of range: use one above 0 and below 1");
        }
        List<int>[] ofClass = [.. images.Classes.Select(_ => new List<int>())];
        for (int i = 0; i < images.Count; i++)
        {
            ofClass[images.LabelOf(i)].Add(i);
        }
        var training = new List<int>();
        var validation = new List<int>();
        for (int label = 0; label < ofClass.Length; label++)
        {
            int[] indices = [.. ofClass[label]];
            if (indices.Length < 2)
            {
                throw new DatasetException(
                    $"class '{images.Classes[label]}' has {indices.Length} image(s), too few to divide: add images, or give data to validate with");
            }
            new RandomSequence(seed, (ulong)label).Shuffle(indices);
            int held = Math.Clamp((int)Math.Round(indices.Length * validationShare), 1, indices.Length - 1);
            validation.AddRange(indices.AsSpan(0, held));
            training.AddRange(indices.AsSpan(held));
        }
        training.Sort();
        validation.Sort();
        return (new ImageSubset(images, training.ToArray()), new ImageSubset(images, validation.ToArray()));
    }
}
