/// One data set as files hold it: what splits there are, and how to read one.
protocol DatasetReader {
  /// The format, for people: "CIFAR-10, binary files".
  var kind: String { get }
  /// The file or folder.
  var path: String { get }
  /// The splits whose files are there, training first.
  var splits: [DatasetSplit] { get }

  /// Reads a split that is in `splits`.
  func read(_ split: DatasetSplit) throws(DatasetError) -> Dataset
}
