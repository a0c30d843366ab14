internal import FileFormats
internal import Settings

// MARK: - Columns

extension TableFiles {
  static func numeric(
    _ column: Table.Column, _ file: String
  ) throws(DatasetError) -> Table.Column {
    if column.isText, column.firstGap == nil {
      throw DatasetError(
        .malformed, file,
        "holds text in \(quoted(column.name)); turn it into numbers or remove the column")
    }
    let complete = try complete(column, file)
    if let text = column.firstText {
      throw DatasetError(
        .malformed, file,
        "\(text) in \(quoted(column.name)), a column of numbers; remove or correct it")
    }
    return complete
  }

  static func complete(
    _ column: Table.Column, _ file: String
  ) throws(DatasetError) -> Table.Column {
    guard let gap = column.firstGap else { return column }
    throw DatasetError(
      .malformed, file, "\(gap) in \(quoted(column.name)); fill the gap or remove the row")
  }

  /// The side of the images if all parts hold squares of bytes.
  static func side(_ parts: [[Table.Column]]) -> Int? {
    guard let first = parts.first, let side = TableColumns.side(of: first.count) else { return nil }
    for columns in parts {
      guard columns.allSatisfy(\.isWhole) else { return nil }
      let least = columns.lazy.compactMap { $0.numbers.min() }.min() ?? 0
      let most = columns.lazy.compactMap { $0.numbers.max() }.max() ?? 0
      guard least >= 0, most > 1, most <= 255 else { return nil }
    }
    return side
  }
}

// MARK: - Notes

extension TableFiles {
  static func notes(
    _ classes: TableClasses?, _ areClasses: Bool, _ targets: [Table.Column], name: String,
    isImage: Bool
  ) -> [String] {
    guard let classes else { return [] }
    let target = quoted(name)
    guard classes.areNumbers else { return ["text is taken as classes: \(classes.list)"] }
    let count = Set(targets.flatMap(\.numbers)).count
    let values = "\(count) different whole numbers"
    guard areClasses else {
      return [
        "\(target) has \(values), which are numbers; \(.target) classes takes them as classes"
      ]
    }
    var notes: [String] = []
    if let numbering = classes.numbering { notes.append(numbering) }
    if !isImage {
      notes.append(
        "\(target) has \(values), which are classes; \(.target) numbers takes them as numbers")
    }
    if classes.names == nil, count < classes.count, !isImage {
      notes.append("\(classes.count - count) of \(classes.count) classes have no rows")
    }
    return notes
  }

  static func notes(pixels columns: [Table.Column]) -> [String] {
    guard let most = columns.lazy.compactMap({ $0.numbers.max() }).max(), most < 128 else {
      return []
    }
    return [
      "pixels are whole numbers up to \(Int(most)) and 255 is taken as white; save them as 0 to 255, or as "
        + "numbers in an .npz file"
    ]
  }
}
