/// Which of CIFAR-100's two labels is the class.
public enum LabelChoice: String, Sendable, Codable, CaseIterable {
  /// The 100 classes.
  case fine
  /// The 20 groups of five.
  case coarse
}

/// The two CIFAR data sets and how their records are laid out.
///
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the
/// notes on the files at the data set's page.
struct CIFARLayout {
  static let shape = ImageShape(channels: 3, height: 32, width: 32)

  /// Name of the data set: "cifar10".
  let name: String
  /// Name for people: "CIFAR-10".
  let title: String
  let classCount: Int
  /// Label bytes before the pixels of a binary record.
  let labelBytes: Int
  /// Which of them is the class.
  let labelOffset: Int
  /// Key of the labels in a pickled batch.
  let labelKey: String
  /// Key of the class names in the pickled metadata.
  let namesKey: String
  /// Files of class names beside binary batches.
  let namesFile: String
  /// Batches of the training split, without the ending of the binary files.
  let trainingFiles: [String]
  let testFile: String

  /// Bytes of a binary record.
  var recordSize: Int { labelBytes + Self.shape.count }

  /// The names of the classes where no file defines them.
  let knownNames: [String]?

  static let cifar10 = CIFARLayout(
    name: "cifar10", title: "CIFAR-10", classCount: 10, labelBytes: 1, labelOffset: 0,
    labelKey: "labels", namesKey: "label_names", namesFile: "batches.meta.txt",
    trainingFiles: (1...5).map { "data_batch_\($0)" }, testFile: "test_batch",
    knownNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ])

  /// CIFAR-100 with one of its two labels.
  static func cifar100(_ labels: LabelChoice) -> CIFARLayout {
    let isFine = labels == .fine
    return CIFARLayout(
      name: isFine ? "cifar100" : "cifar100-coarse",
      title: isFine ? "CIFAR-100" : "CIFAR-100 (coarse labels)", classCount: isFine ? 100 : 20,
      labelBytes: 2, labelOffset: isFine ? 1 : 0, labelKey: "\(labels.rawValue)_labels",
      namesKey: "\(labels.rawValue)_label_names", namesFile: "\(labels.rawValue)_label_names.txt",
      trainingFiles: ["train"], testFile: "test", knownNames: nil)
  }

  /// The files of a split in reading order.
  func files(of split: DatasetSplit) -> [String] {
    switch split {
    case .train: trainingFiles
    case .test: [testFile]
    case .validation: []
    }
  }
}
