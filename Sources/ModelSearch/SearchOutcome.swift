package import Artifacts
package import Checkpoints
package import Datasets

/// What was found by measuring the networks that a file may mean.
package struct SearchOutcome: Sendable {
  /// The network that was taken.
  package let trained: TrainedModel
  /// The normalisation that was taken.
  package let normalization: ChannelNormalization
  /// What is recorded of it: its numbers, and others that do equally well.
  package let reading: MeasuredReading
  /// Whether the network does better than guessing could.
  package let isAboveChance: Bool
  /// How far the statistics of the images are from the running ones, in deviations of the channels; nil where
  /// there are none, or too few images.
  package let drift: Double?
  /// What the outputs look like, where that is not the logits of a softmax.
  package let outputLook: OutputLook?
  /// The only learned slope of several layers, which stands behind one of them.
  package let loneSlope: String?
  /// Side of larger images that the same layers fit without the border around theirs, where it is one that images
  /// are usually resized to.
  package let resizedSide: Int?
  /// Whether the layers have the names of a known architecture.
  package let hasKnownNames: Bool
}
