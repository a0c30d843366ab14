/// Opening one part of data by their path; where several are wanted, `FoundData` finds them once.
package enum DatasetCatalog {
  /// Reads one split of the labelled images at `path`, before they are normalised.
  ///
  /// - Throws: `DatasetError` as `FoundData`.
  package static func open(
    _ path: String, split: DatasetSplit, labels: LabelChoice = .fine,
    view: ImageView = .automatic
  ) throws(DatasetError) -> Dataset {
    try FoundData(path, labels: labels, view: view).images(split)
  }

  /// Reads one split of the data at `path`: labelled images, or named arrays.
  ///
  /// - Throws: `DatasetError` as `FoundData`.
  package static func openData(
    _ path: String, split: DatasetSplit, labels: LabelChoice = .fine,
    view: ImageView = .automatic, inputs: [String]? = nil
  ) throws(DatasetError) -> OpenedData {
    try FoundData(path, labels: labels, view: view, inputs: inputs).open(split)
  }
}
