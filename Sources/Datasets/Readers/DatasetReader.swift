/// One data set as files hold it: what splits there are, and how to read one.
protocol DatasetReader: Sendable {
  /// The format, for people: "CIFAR-10, binary files".
  var kind: String { get }
  /// The file or folder.
  var path: String { get }
  /// The splits whose files are there, training first.
  var splits: [DatasetSplit] { get }

  /// Parts that are there and cannot be used, and why; the notes of what is read hold them too.
  var remarks: [String] { get }

  /// Reads a split that is in `splits`.
  ///
  /// - Throws: `DatasetError` when files are damaged.
  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset
}

extension DatasetReader {
  var remarks: [String] { [] }
}
