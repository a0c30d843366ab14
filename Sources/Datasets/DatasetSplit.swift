/// Part of a data set: what is trained on, what decides between epochs, what is tested on.
public enum DatasetSplit: String, Sendable, Codable, CaseIterable {
  /// What networks are trained on.
  case train
  /// A part of its own, or samples taken out of the training part by `Dataset.holdingOut`.
  case validation
  /// What was never looked at.
  case test

  /// Reads a name of a part as people write it; `DataName` finds it among other words.
  public init?(name: some StringProtocol) {
    switch name.lowercased() {
    case "train", "training", "tr": self = .train
    case "val", "valid", "validation", "dev": self = .validation
    case "test", "testing", "te", "t10k": self = .test
    default: return nil
    }
  }
}
