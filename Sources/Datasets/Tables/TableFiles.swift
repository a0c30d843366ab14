internal import FileFormats
internal import LinearAlgebra

/// Tables in text files: pixels with a class, as Kaggle's MNIST, or any numbers with a target.
///
/// A word of a name says the part. Which columns are inputs and target, and whether they are images and classes, is decided
/// once, see `TableColumns` and `TableClasses`; a part without the target is left out. A square of whole numbers in 0...255
/// is a grey image; any other columns are numbers `x`.
struct TableFiles: Sendable {
  /// One file as it was parsed.
  private struct Parsed {
    let file: String
    let inputs: [Table.Column]
    let target: Table.Column
    let rowCount: Int
  }

  /// The inputs of a file, row by row.
  private enum Inputs: Sendable {
    case pixels([UInt8])
    case numbers(Vector<Float>)
  }

  /// One file, as far as it is used.
  private struct Part: Sendable {
    let file: String
    let inputs: Inputs
    /// Inputs of a row.
    let width: Int
    let target: Table.Column
    let rowCount: Int

    init(_ parsed: Parsed, areImages: Bool) {
      (file, target, rowCount) = (parsed.file, parsed.target, parsed.rowCount)
      let (columns, width) = (parsed.inputs, parsed.inputs.count)
      self.width = width
      inputs =
        areImages
        ? .pixels(
          (0..<rowCount * width).map { UInt8(columns[$0 % width].numbers[$0 / width]) })
        : .numbers(
          Vector<Float>((0..<rowCount * width).map { columns[$0 % width].numbers[$0 / width] }))
    }
  }

  let path: String
  private let parts: [DatasetSplit: Part]
  private let targetName: String
  /// nil where targets cannot be classes.
  private let classes: TableClasses?
  private let areClasses: Bool
  /// Side of the images; nil for numbers.
  private let side: Int?
  /// What is said where nobody says what the target is, and where somebody says that it is the other thing.
  private let notes: (usual: [String], other: [String])
  /// Parts that are there and cannot be used, and why.
  let remarks: [String]

  /// Recognises a folder of tables whose names say their parts, or which is the only one.
  ///
  /// - Throws: `DatasetError` when a file is no table, or several are of one part or do not belong together.
  init?(_ folder: FolderListing) throws(DatasetError) {
    guard folder.isOnDisk else { return nil }
    let names = folder.visibleNames.filter { Self.isTable($0) }
    let parts = Dictionary(grouping: names) { DataName(baseName($0)).split }
    var files: [DatasetSplit: (inputs: String, target: String?)] = [:]
    for (split, names) in parts.sorted(by: { $0.value[0] < $1.value[0] }) {
      guard let split else { continue }
      // X_train.csv and y_train.csv, as scikit-learn's users save them.
      let targets = names.filter { DataName(baseName($0)).role == .target }
      let inputs = names.filter { DataName(baseName($0)).role != .target }
      guard names.count == 1 || inputs.count == 1 && targets.count == 1 else {
        throw DatasetError(
          .ambiguous, folder.path,
          "holds several \(split.rawValue) tables (\(names.joined(separator: ", "))); join them, or give the "
            + "path of one")
      }
      files[split] =
        names.count == 1
        ? (folder.file(names[0]), nil) : (folder.file(inputs[0]), folder.file(targets[0]))
    }
    if files.isEmpty, names.count == 1 { files[.train] = (folder.file(names[0]), nil) }
    guard !files.isEmpty else { return nil }
    try self.init(path: folder.path, files)
  }

  /// Takes a single file as the whole of a part.
  ///
  /// - Throws: `DatasetError` when it is no table.
  init(file: String) throws(DatasetError) {
    try self.init(path: file, [DataName(baseName(file)).split ?? .train: (file, nil)])
  }

  private init(
    path: String, _ files: [DatasetSplit: (inputs: String, target: String?)]
  ) throws(DatasetError) {
    self.path = path
    var columns: TableColumns?
    var parsed: [DatasetSplit: Parsed] = [:]
    var remarks: [String] = []
    // The training file decides for all.
    for split in DatasetSplit.allCases {
      guard let (file, targetFile) = files[split] else { continue }
      var table = try Table(file: file)
      if let targetFile { try table.join(targetFile, path: file) }
      let chosen: TableColumns
      if let columns { chosen = columns } else { chosen = try TableColumns(table, path: file) }
      columns = chosen
      let places = try chosen.places(in: table, path: file)
      guard let target = places.target else {
        remarks.append(
          "\(quoted(lastComponent(file))) has no column \(quoted(chosen.targetName)) and is left out"
        )
        continue
      }
      parsed[split] = Parsed(
        file: file,
        inputs: try places.inputs.map { (place) throws(DatasetError) in
          try Self.numeric(table.columns[place], file)
        }, target: try Self.complete(table.columns[target], file), rowCount: table.rowCount)
    }
    self.remarks = remarks
    targetName = columns?.targetName ?? ""
    let targets = DatasetSplit.allCases.compactMap { parsed[$0]?.target }
    let pixelSide = Self.side(parsed.values.map(\.inputs))
    classes = TableClasses(targets, besidePixels: pixelSide != nil)
    areClasses =
      classes != nil
      && TableClasses.areUsual(targets, name: targetName, besidePixels: pixelSide != nil)
    side = areClasses ? pixelSide : nil
    let common = (columns?.notes ?? []) + remarks
    let usual =
      common + Self.notes(classes, areClasses, targets, name: targetName, isImage: side != nil)
      + Self.notes(pixels: side == nil ? [] : parsed.values.flatMap(\.inputs))
    let numbering = areClasses ? nil : classes?.numbering
    notes = (usual, common + (numbering.map { [$0] } ?? []))
    let areImages = side != nil
    parts = parsed.mapValues { Part($0, areImages: areImages) }
  }

  /// Whether a file is a table by its name.
  static func isTable(_ name: String) -> Bool {
    [".csv", ".tsv"].contains { name.lowercased().hasSuffix($0) }
  }

  let kind = "table"
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { parts[$0] != nil } }

  /// A part as images or arrays.
  ///
  /// - Throws: `DatasetError` when it is not there.
  func read(_ split: DatasetSplit) throws(DatasetError) -> OpenedData {
    guard let part = parts[split] else {
      throw DatasetError(.noSuchSplit, path, "has no \(split.rawValue) split")
    }
    let numbers: Vector<Float>
    switch part.inputs {
    case .numbers(let values): numbers = values
    case .pixels(let pixels): return .images(try images(pixels, of: part, split))
    }
    let asClasses = classes.map { SampleArray("y", classes: $0.labels(of: part.target)) }
    let asNumbers =
      part.target.isNumeric ? SampleArray("y", [1], Vector(part.target.numbers)) : nil
    let (target, other) = areClasses ? (asClasses, asNumbers) : (asNumbers, asClasses)
    let otherNotes = notes.other
    return .arrays(
      ArrayDataset(
        name: baseName(part.file), split: split, source: part.file,
        samples: Samples(
          count: part.rowCount, inputs: [SampleArray("x", [part.width], numbers)], target: target),
        otherTarget: other.map { ($0, otherNotes) }, hasTextTarget: !part.target.isNumeric,
        notes: notes.usual))
  }

  private func images(
    _ pixels: [UInt8], of part: Part, _ split: DatasetSplit
  ) throws(DatasetError) -> Dataset {
    guard let side, let classes else { preconditionFailure("images have sides and classes") }
    let name = baseName(part.file)
    return try Dataset(
      name: name, split: split, source: part.file,
      notes: notes.usual
        + (name.lowercased().hasPrefix("emnist") ? [IDXFolder.transposedNote] : []),
      shape: ImageShape(channels: 1, height: side, width: side),
      pixels: .bytes(pixels, white: 255), labels: classes.labels(of: part.target),
      // Those of MNIST, of which a part may lack some.
      classCount: side == 28 && classes.names == nil ? max(classes.count, 10) : classes.count,
      classNames: classes.names)
  }
}
