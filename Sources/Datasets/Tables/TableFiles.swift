internal import FileFormats
internal import LinearAlgebra

/// Tables in text files: pixels with a class, as Kaggle's MNIST, or any numbers with a target.
///
/// A name that has `train`, `val` or `test` as a word says the split. A table whose other columns are a square
/// of whole numbers in 0...255 holds grey images; any other gives numbers `x` and a target: text and at
/// most 256 different whole numbers are classes, all else are numbers. A column of row numbers (`id`, or
/// without a name) is left out.
struct TableFiles {
  let path: String
  private let files: [DatasetSplit: String]

  private static let endings = [".csv", ".tsv"]
  /// More different whole numbers than these are numbers rather than classes.
  private static let maximumClasses = 256

  /// Recognises a folder of tables whose names say their splits.
  init?(_ folder: FolderListing) {
    guard folder.isOnDisk else { return nil }
    path = folder.path
    var files: [DatasetSplit: String] = [:]
    for name in folder.sortedNames where Self.isTable(name) {
      guard let split = DatasetSplit(inFileName: baseName(name)) else { continue }
      guard files[split] == nil else { return nil }
      files[split] = folder.file(name)
    }
    guard !files.isEmpty else { return nil }
    self.files = files
  }

  /// Takes a single file as the whole of a split.
  init(file: String) {
    path = file
    files = [DatasetSplit(inFileName: baseName(file)) ?? .train: file]
  }

  /// Whether a file is a table by its name.
  static func isTable(_ name: String) -> Bool {
    endings.contains { name.lowercased().hasSuffix($0) }
  }

  let kind = "table"
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { files[$0] != nil } }

  /// Reads a split.
  ///
  /// - Throws: `DatasetError` when a file is no table, or the splits do not belong together.
  func read(_ split: DatasetSplit) throws(DatasetError) -> OpenedData {
    guard let file = files[split] else {
      let present = splits.map(\.rawValue).joined(separator: " and ")
      throw DatasetError(
        .noSuchSplit, path, "a table without a \(split.rawValue) split; it has \(present)")
    }
    let table = try Table(file: file)
    let target = try TableTarget(table, path: file)
    // Classes are those of all files: one may lack some.
    var columns = [table.columns[target.column]]
    for other in splits where other != split {
      let path = files[other] ?? path
      let table = try Table(file: path)
      columns.append(table.columns[try TableTarget(table, path: path).column])
    }
    let classes = Self.classes(columns)
    let isNumberOfRow = table.columns.indices.filter { place in
      place != target.column && table.hasHeader
        && (table.columns[place].name.lowercased() == "id"
          || place == 0 && table.columns[place].name == "column 1")
    }
    let inputs = table.columns.indices.filter {
      $0 != target.column && !isNumberOfRow.contains($0)
    }.map { table.columns[$0] }
    guard !inputs.isEmpty else {
      throw DatasetError(.malformed, file, "has no column beside the target; add the inputs")
    }
    var notes = [
      "the target is \(quoted(table.columns[target.column].name)), \(target.reason) of "
        + "\(table.columns.count) columns"
    ]
    if !isNumberOfRow.isEmpty {
      notes.append("\(quoted(table.columns[isNumberOfRow[0]].name)) counts rows and is left out")
    }
    if let names = classes?.names {
      let list = names.prefix(10).enumerated().map { "\($1) = \($0)" }.joined(separator: ", ")
      notes.append("text is taken as classes: \(list)\(names.count > 10 ? ", ..." : "")")
    }
    if let classes, let pixels = Self.pixels(inputs), let side = TableTarget.side(of: inputs.count)
    {
      return .images(
        try Dataset(
          name: baseName(file), split: split, source: file, notes: notes,
          shape: ImageShape(channels: 1, height: side, width: side),
          pixels: .bytes(pixels, white: 255), labels: classes.labels,
          // Those of MNIST, of which a part may lack some.
          classCount: side == 28 && classes.names == nil ? max(classes.count, 10) : classes.count,
          classNames: classes.names))
    }
    let rows = table.rowCount
    let numbers = Vector<Float>(
      (0..<rows * inputs.count).map { inputs[$0 % inputs.count].numbers[$0 / inputs.count] })
    return .arrays(
      ArrayDataset(
        name: baseName(file), split: split, source: file,
        samples: Samples(
          count: rows, inputs: [SampleArray("x", [inputs.count], numbers)],
          target: classes.map { SampleArray("y", classes: $0.labels) }
            ?? SampleArray("y", [1], Vector(columns[0].numbers))),
        notes: notes))
  }

  /// The first column as classes, numbered over all columns; nil where they are numbers.
  private static func classes(
    _ columns: [Table.Column]
  ) -> (labels: [Int32], count: Int, names: [String]?)? {
    if columns.contains(where: \.isText) {
      guard columns.allSatisfy(\.isText) else { return nil }
      let names = Set(columns.flatMap(\.texts)).sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
      guard names.count <= LabelledArrays.maximumLabel else { return nil }
      let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
      return (columns[0].texts.map { Int32(places[$0] ?? 0) }, names.count, names)
    }
    let values = Set(columns.flatMap(\.numbers))
    guard columns.allSatisfy(\.isWhole), values.count <= maximumClasses, let most = values.max(),
      values.allSatisfy({ $0 >= 0 }), most <= Float(LabelledArrays.maximumLabel)
    else { return nil }
    return (columns[0].numbers.map { Int32($0) }, Int(most) + 1, nil)
  }

  /// The columns as bytes of one row after the other, if they are some and a square of pixels.
  private static func pixels(_ columns: [Table.Column]) -> [UInt8]? {
    guard TableTarget.isSquare(columns.count), columns.allSatisfy(\.isWhole) else { return nil }
    var (least, most) = (Float.infinity, -Float.infinity)
    for column in columns {
      least = min(least, column.numbers.min() ?? least)
      most = max(most, column.numbers.max() ?? most)
    }
    guard least >= 0, most > 1, most <= 255 else { return nil }
    let rows = columns[0].numbers.count
    return (0..<rows * columns.count).map {
      UInt8(columns[$0 % columns.count].numbers[$0 / columns.count])
    }
  }
}
