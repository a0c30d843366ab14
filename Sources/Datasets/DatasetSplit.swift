/// Part of a data set: what is trained on, what is tested on, what is held out of training.
package enum DatasetSplit: String, Sendable, Codable, CaseIterable {
  case train
  case test
  /// Samples taken out of the training part by `Dataset.holdingOut`; no file has this split.
  case validation
}
