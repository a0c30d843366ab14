internal import FileFormats

/// The classes that a column of targets names.
///
/// Text is classes in sorted order. Whole numbers are classes where the column is called label or class and holds at most
/// 256 different ones, or beside pixels; otherwise where they are two, or few (at most the square root of the number
/// of rows) and close to each other from at most 1 on: ratings and numbered classes, not years. Numbers from 0 on are the classes'
/// places; others are numbered in sorted order.
struct TableClasses {
  /// Number of classes.
  let count: Int
  /// The texts or numbers of the classes in their order; nil where numbers are the places.
  let names: [String]?
  /// Whether other readers may take the numbers as numbers.
  let areNumbers: Bool
  private let places: [Float: Int32]
  private let textPlaces: [String: Int32]

  /// More different whole numbers than these are no classes unless somebody says so.
  private static let usualLimit = 256

  /// Finds the classes in the targets of all parts; nil where they cannot be classes.
  ///
  /// - Parameters:
  ///   - columns: The target of each part.
  ///   - besidePixels: Whether the other columns are pixels, whose classes are rarely all there.
  init?(_ columns: [Table.Column], besidePixels: Bool) {
    if columns.contains(where: { !$0.isNumeric }) {
      let values = Set(columns.flatMap { $0.isNumeric ? $0.numbers.map(Self.text) : $0.texts })
      let names = values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      guard names.count <= LabelledArrays.maximumLabel else { return nil }
      (count, self.names, areNumbers, places) = (names.count, names, false, [:])
      textPlaces = Dictionary(
        uniqueKeysWithValues: zip(names, names.indices.map { Int32($0) }))
      return
    }
    let values = Set(columns.flatMap(\.numbers)).sorted()
    guard columns.allSatisfy(\.isWhole), values.count <= LabelledArrays.maximumLabel,
      let least = values.first, let most = values.last
    else { return nil }
    (areNumbers, textPlaces) = (true, [:])
    if least == 0, most < 2 * Float(besidePixels ? max(values.count, 5) : values.count) {
      places = Dictionary(uniqueKeysWithValues: values.map { ($0, Int32($0)) })
      (count, names) = (Int(most) + 1, nil)
    } else {
      places = Dictionary(
        uniqueKeysWithValues: zip(values, values.indices.map { Int32($0) }))
      (count, names) = (values.count, values.map(Self.text))
    }
  }

  /// Whether numbers are usually classes.
  ///
  /// - Parameters:
  ///   - columns: The target of each part.
  ///   - name: Name of the column.
  ///   - besidePixels: Whether the other columns are pixels.
  /// - Returns: Whether they are taken as classes where nobody says otherwise.
  static func areUsual(_ columns: [Table.Column], name: String, besidePixels: Bool) -> Bool {
    guard columns.allSatisfy(\.isNumeric) else { return true }
    guard columns.allSatisfy(\.isWhole) else { return false }
    let values = Set(columns.flatMap(\.numbers))
    let saysSo = ["label", "labels", "class"].contains(name.lowercased())
    if besidePixels || saysSo { return values.count <= usualLimit }
    if values.count <= 2 { return true }
    let rows = columns.reduce(0) { $0 + $1.numbers.count }
    guard let least = values.min(), let most = values.max() else { return false }
    return values.count <= usualLimit && values.count * values.count <= rows && least <= 1
      && most - least < 2 * Float(values.count)
  }

  /// The classes of the rows of one part.
  func labels(of column: Table.Column) -> [Int32] {
    if areNumbers { return column.numbers.map { places[$0] ?? 0 } }
    return column.isNumeric
      ? column.numbers.map { textPlaces[Self.text($0)] ?? 0 }
      : column.texts.map { textPlaces[$0] ?? 0 }
  }

  /// The numbers of some classes: "setosa = 0, virginica = 1".
  var list: String {
    let names = names ?? []
    let list = names.prefix(10).enumerated().map { "\($1) = \($0)" }.joined(separator: ", ")
    return names.count > 10 ? list + ", ..." : list
  }

  /// What is said of numbers that are not the places of their classes.
  var numbering: String? {
    areNumbers && names != nil ? "classes are numbered in sorted order: \(list)" : nil
  }

  /// A number without a fraction that is not there.
  private static func text(_ number: Float) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
