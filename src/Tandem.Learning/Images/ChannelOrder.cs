namespace Tandem.Learning.Images;

/// <summary>In which order a network expects the colour channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,
    /// <summary>Blue, green, red, as networks trained with OpenCV or Caffe expect.</summary>
    Bgr,
}
