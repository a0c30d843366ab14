package import Datasets

/// A result whose numbers have names: the only place that says which there are, for conditions and for the files
/// of other programs.
package protocol MeasuredResult: Sendable {
  /// What stands before the names where results of several kinds come together: `hessian`.
  static var numberGroup: String { get }
  /// The numbers that a result can have.
  static var numberTable: [ResultNumber<Self>] { get }
}

extension MeasuredResult {
  /// The numbers that this result has, in the order of the table.
  package var numbers: [NamedNumber] { Self.numberTable.flatMap { $0.numbers(self) } }

  /// The names of all numbers, for texts.
  package static var numberNames: String {
    numberTable.map(\.syntax).joined(separator: ", ")
  }

  /// Reads a name.
  ///
  /// - Returns: nil where no such result has a number of that name.
  package static func numberName(_ text: some StringProtocol) -> NumberName? {
    numberTable.lazy.compactMap { $0.name(text) }.first
  }
}

/// A row of the table of numbers: a name, or a family of names, with what stands behind it.
package struct ResultNumber<Result> {
  private enum Form {
    case single
    case ordinal
    case parts
    case keyed([String])
  }

  private let name: String
  private let form: Form
  /// The numbers that a result has under the names of this row.
  package let numbers: (Result) -> [NamedNumber]

  /// One number.
  package init(_ name: String, _ measure: @escaping (Result) -> MeasuredValue?) {
    self.name = name
    form = .single
    numbers = { result in measure(result).map { [NamedNumber(NumberName(name), $0)] } ?? [] }
  }

  /// Numbers in order: `name1`, `name2`, ...
  package init(ordinal name: String, _ measure: @escaping (Result) -> [MeasuredValue]) {
    self.name = name
    form = .ordinal
    numbers = { result in
      measure(result).enumerated().map { NamedNumber(NumberName("\(name)\($0 + 1)"), $1) }
    }
  }

  /// A number of each part of the data: `PART/name`.
  package init(
    parts name: String, _ measure: @escaping (Result) -> [(DatasetSplit, MeasuredValue?)]
  ) {
    self.name = name
    form = .parts
    numbers = { result in
      measure(result).compactMap { part, measured in
        measured.map { NamedNumber(NumberName(name, part: part), $0) }
      }
    }
  }

  /// Numbers of a part of the data that others distinguish: `PART/name/KEY/...`, of which the last keys may be
  /// missing.
  package init(
    parts name: String, keys: [String],
    _ measure: @escaping (Result) -> (part: DatasetSplit?, numbers: [([Double], MeasuredValue)])
  ) {
    self.name = name
    form = .keyed(keys)
    numbers = { result in
      let (part, values) = measure(result)
      return values.map { NamedNumber(NumberName(name, part: part, keys: $0), $1) }
    }
  }

  /// How the names look, for texts.
  var syntax: String {
    switch form {
    case .single: name
    case .ordinal: "\(name)1 \(name)2 ..."
    case .parts: "[PART/]\(name)"
    case .keyed(let keys): keys.reduce("[PART/]\(name)") { $0 + "[/\($1)]" }
    }
  }

  /// Reads a name; nil where it is none of this row.
  func name(_ text: some StringProtocol) -> NumberName? {
    if text == name {
      if case .ordinal = form { return nil }
      return NumberName(name)
    }
    switch form {
    case .single: return nil
    case .ordinal:
      guard text.hasPrefix(name) else { return nil }
      let digits = text.dropFirst(name.count)
      // Otherwise "01" would be another name of "1".
      guard digits.allSatisfy({ ("0"..."9").contains($0) }), digits.first != "0", !digits.isEmpty
      else { return nil }
      return NumberName(String(text))
    case .parts:
      guard text.hasSuffix("/" + name) else { return nil }
      return DatasetSplit(name: text.dropLast(name.count + 1)).map { NumberName(name, part: $0) }
    case .keyed(let keys):
      var texts = text.split(separator: "/", omittingEmptySubsequences: false)
      let part = texts.first.flatMap { DatasetSplit(name: $0) }
      if part != nil { texts.removeFirst() }
      guard texts.first.map({ $0 == name }) == true else { return nil }
      let values = texts.dropFirst().map { Double($0) ?? .nan }
      guard values.count <= keys.count, values.allSatisfy(\.isFinite) else { return nil }
      return NumberName(name, part: part, keys: values)
    }
  }
}
