/// Part of a data set: what is trained on, what decides between epochs, what is tested on.
package enum DatasetSplit: String, Sendable, Codable, CaseIterable {
  case train
  /// A part of its own, or samples taken out of the training part by `Dataset.holdingOut`.
  case validation
  case test

  /// Reads a name of a part as people write it: of a folder, or in the name of a file or an array.
  package init?(name: some StringProtocol) {
    switch name.lowercased() {
    case "train", "training", "tr": self = .train
    case "val", "valid", "validation", "dev": self = .validation
    case "test", "testing", "t10k": self = .test
    default: return nil
    }
  }

  /// The part that a word in a file's name tells: "mnist_test.csv", "cifar10.1_v6_data.npy".
  init?(inFileName name: String) {
    let words = name.split { !$0.isLetter && !$0.isNumber }
    guard let split = words.compactMap({ DatasetSplit(name: $0) }).first else { return nil }
    self = split
  }
}
