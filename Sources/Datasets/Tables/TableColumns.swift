internal import FileFormats

/// Which columns of a table are inputs and which one is the target: chosen once for all files of a data set.
struct TableColumns {
  /// Where the columns of one file lie.
  struct Places {
    let inputs: [Int]
    /// nil where the file has no target.
    let target: Int?
  }

  /// The file that they were chosen from.
  private let path: String
  private let names: [String]
  private let hasHeader: Bool
  private let own: Places
  /// Name of the target.
  let targetName: String
  /// How they were chosen.
  let notes: [String]

  /// Rows from which it is no chance that a column has no value twice.
  private static let leastRows = 10

  /// Chooses the columns of a table.
  ///
  /// The target is the column with a name for it, otherwise the only one of text, otherwise the last; beside pixels the
  /// first or the last if its numbers count classes. Without a header it is the first where that alone holds classes
  /// or whole numbers, as in many tables of UCI. Before that, columns that only name rows are left out.
  ///
  /// - Throws: `DatasetError` when a header names pixels alone, or a column of inputs holds text.
  init(_ table: Table, path: String) throws(DatasetError) {
    let columns = table.columns
    let named =
      table.joinedTarget
      ?? columns.firstIndex { table.hasHeader && DataName($0.name).plainRole == .target }
    let leftOut = Self.rowNames(table, target: named)
    let rest = columns.indices.filter { !leftOut.contains($0) }
    guard !rest.isEmpty else { throw Self.noInputs(path) }
    let texts = rest.filter { columns[$0].isText }
    let target: Int
    let reason: String
    if let named {
      target = named
      reason = table.joinedTarget == nil ? "by its name" : "that of a file of its own"
    } else if let text = texts.first, texts.count == 1 {
      (target, reason) = (text, "the only one of text")
    } else if table.hasHeader, Self.arePixels(rest.map { columns[$0].name }) {
      throw DatasetError(
        .malformed, path,
        "has \(rest.count) columns of pixels and none of labels; give a table with a column 'label'"
      )
    } else if let edge = Self.classEdge(columns, rest) {
      (target, reason) = (edge, edge == rest[0] ? "the first" : "the last")
    } else if !table.hasHeader, table.rowCount >= Self.leastRows,
      Self.isTargetFirst(rest.map { columns[$0] })
    {
      (target, reason) = (rest[0], "the first")
    } else {
      (target, reason) = (rest[rest.count - 1], "the last")
    }
    let inputs = rest.filter { $0 != target }
    guard !inputs.isEmpty else { throw Self.noInputs(path) }
    self.path = path
    names = columns.map(\.name)
    hasHeader = table.hasHeader
    own = Places(inputs: inputs, target: target)
    targetName = columns[target].name
    var notes = [
      "the target is \(quoted(targetName)), \(reason) of \(columns.count) columns"
        + (named == nil ? "; a column named label or target is taken before others" : "")
    ]
    if !leftOut.isEmpty {
      let list = leftOut.prefix(4).map { quoted(columns[$0].name) }.joined(separator: ", ")
      notes.append(
        "\(list)\(leftOut.count > 4 ? ", ..." : "") \(leftOut.count == 1 ? "names" : "name") rows and "
          + "\(leftOut.count == 1 ? "is" : "are") left out")
    }
    self.notes = notes
  }

  private static func noInputs(_ path: String) -> DatasetError {
    DatasetError(.malformed, path, "has no column beside the target; add the inputs")
  }

  /// The same columns of another file: by their names, without a header by their places.
  ///
  /// - Throws: `DatasetError` when the file lacks inputs.
  func places(in table: Table, path other: String) throws(DatasetError) -> Places {
    if other == path { return own }
    guard let target = own.target else { return own }
    if hasHeader, table.hasHeader, Set(names).count == names.count {
      let places = Dictionary(
        table.columns.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: min)
      var inputs: [Int] = []
      for input in own.inputs {
        guard let place = places[names[input]] else {
          throw DatasetError(
            .shape, other,
            "has no column \(quoted(names[input])), which \(lastComponent(path)) has; give tables with the "
              + "same columns")
        }
        inputs.append(place)
      }
      return Places(inputs: inputs, target: places[names[target]])
    }
    switch table.columns.count {
    case names.count: return own
    case names.count - 1:
      return Places(inputs: own.inputs.map { $0 < target ? $0 : $0 - 1 }, target: nil)
    case let count:
      throw DatasetError(
        .shape, other,
        "has \(count) columns and \(lastComponent(path)) \(names.count); give tables with the same "
          + "columns")
    }
  }
}

// MARK: - Columns that name rows

extension TableColumns {
  /// Places of columns that name rows: by name, or because no value is there twice.
  private static func rowNames(_ table: Table, target: Int?) -> [Int] {
    let others = table.columns.indices.filter { $0 != target }
    let certain = others.filter { place in
      let name = table.columns[place].name.lowercased()
      return table.hasHeader
        && (name == "id" || place == 0 && (name == "column 1" || name == "unnamed: 0"))
    }
    let left = others.filter { !certain.contains($0) }
    guard target != nil || classEdge(table.columns, left) == nil else { return certain }
    let likely = left.filter { namesRows(table, $0, isFirst: $0 == left.first) }
    // Inputs, and a target where none is named, must be left.
    return left.count - likely.count < (target == nil ? 2 : 1)
      ? certain : (certain + likely).sorted()
  }

  private static func namesRows(_ table: Table, _ place: Int, isFirst: Bool) -> Bool {
    let column = table.columns[place]
    let name = column.name.lowercased()
    let isNamed = table.hasHeader && (name.hasSuffix("id") || name == "index")
    guard isNamed || table.rowCount >= leastRows, isNamed || isFirst || !column.isNumeric,
      column.isWhole || !column.isNumeric
    else { return false }
    let areDistinct = column.distinctCount == table.rowCount
    if isNamed || !column.isNumeric { return areDistinct }
    let steps = zip(column.numbers, column.numbers.dropFirst())
    if areDistinct, steps.allSatisfy({ $0 + 1 == $1 }) { return true }
    // A name in the header says that it is more than the number of a row. Past 2^24 different numbers may
    // have become one.
    let isLarge = (column.numbers.max() ?? 0) > 0x1p24
    return !table.hasHeader
      && (areDistinct || isLarge && column.distinctCount * 100 >= table.rowCount * 99)
  }
}

// MARK: - Edges

extension TableColumns {
  /// Whether the first column looks like a target and the last one does not.
  private static func isTargetFirst(_ columns: [Table.Column]) -> Bool {
    guard columns.count > 1 else { return false }
    func holdsClasses(_ column: Table.Column) -> Bool {
      TableClasses.areUsual([column], name: column.name, besidePixels: false)
    }
    let (first, last) = (columns[0], columns[columns.count - 1])
    guard first.isWhole, !holdsClasses(last) else { return false }
    return holdsClasses(first) || !columns.dropFirst().contains(where: \.isWhole)
  }
}

// MARK: - Pixels

extension TableColumns {
  private static func arePixels(_ names: [String]) -> Bool {
    names.allSatisfy { $0.lowercased().hasPrefix("pixel") }
  }

  /// The side of a square of at least 8 x 8 pixels.
  static func side(of count: Int) -> Int? {
    let side = Int(Double(max(count, 0)).squareRoot().rounded())
    return side >= 8 && side * side == count ? side : nil
  }

  /// The first or the last column beside a square of others, if it counts classes from 0 or 1 without a gap.
  private static func classEdge(_ columns: [Table.Column], _ places: [Int]) -> Int? {
    guard side(of: places.count - 1) != nil, let first = places.first, let last = places.last else {
      return nil
    }
    return [first, last].first { place in
      let numbers = Set(columns[place].numbers)
      guard columns[place].isWhole, let least = numbers.min(), let most = numbers.max(),
        (0...1).contains(least), numbers.count >= 2
      else { return false }
      return Float(numbers.count - 1) == most - least
    }
  }
}
