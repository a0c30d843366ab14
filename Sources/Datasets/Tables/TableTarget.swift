internal import FileFormats

/// Which column of a table outputs are compared with, and what it holds.
struct TableTarget {
  /// Place of the column.
  let column: Int
  /// Why it was taken, for the note.
  let reason: String

  private static let names: Set = ["label", "labels", "target", "targets", "y", "class"]

  /// Chooses a column: the one with a known name, the only one of text, otherwise the last; of pixels, the
  /// first or last column if its numbers count classes.
  ///
  /// - Throws: `DatasetError` when a header names pixels alone, or several columns hold text.
  init(_ table: Table, path: String) throws(DatasetError) {
    let columns = table.columns
    let texts = columns.indices.filter { columns[$0].isText }
    let named = columns.firstIndex { Self.names.contains($0.name.lowercased()) }
    if let named, table.hasHeader {
      (column, reason) = (named, "by its name")
    } else if let text = texts.first, texts.count == 1 {
      (column, reason) = (text, "the only one of text")
    } else if table.hasHeader,
      columns.allSatisfy({ $0.name.lowercased().hasPrefix("pixel") })
    {
      throw DatasetError(
        .malformed, path,
        "has \(columns.count) columns of pixels and none of labels; give a table with a column 'label'"
      )
    } else if Self.isSquare(columns.count - 1), let edge = Self.classEdge(columns) {
      (column, reason) = (edge, edge == 0 ? "the first" : "the last")
    } else {
      (column, reason) = (columns.count - 1, "the last")
    }
    let others = texts.filter { $0 != column }
    if let other = others.first {
      throw DatasetError(
        .malformed, path,
        "holds text in \(quoted(columns[other].name)); turn it into numbers or remove the column")
    }
  }

  /// Whether so many pixels are a square of at least 8 x 8.
  static func isSquare(_ count: Int) -> Bool { side(of: count) != nil }

  /// The side of a square of pixels.
  static func side(of count: Int) -> Int? {
    let side = Int(Double(max(count, 0)).squareRoot().rounded())
    return side >= 8 && side * side == count ? side : nil
  }

  /// The first or the last column if it counts classes from 0 or 1 without a gap.
  private static func classEdge(_ columns: [Table.Column]) -> Int? {
    [0, columns.count - 1].first { place in
      let numbers = Set(columns[place].numbers)
      guard columns[place].isWhole, let least = numbers.min(), let most = numbers.max(),
        (0...1).contains(least), numbers.count >= 2
      else { return false }
      return Float(numbers.count - 1) == most - least
    }
  }
}
