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
  /// Whether the layers have the names of a known architecture.
  package let hasKnownNames: Bool
}
