internal import Foundation

/// Names, types and order of the arguments of an operator of PyTorch.
struct ATenSchema: Sendable {
  /// What an argument can be.
  struct Kind: Sendable {
    /// The type without marks, like `int`.
    let name: String
    /// Whether `None` can be given.
    let isOptional: Bool
    /// Whether it is a list.
    let isList: Bool
    /// Whether an element of the list can be `None`.
    let hasOptionalElements: Bool
    /// How many elements a list has, where one number stands for as many.
    let size: Int?

    /// Reads `Tensor`, `int[2]?`, `Tensor?[]`.
    init(_ text: Substring) {
      var text = text
      isOptional = text.hasSuffix("?")
      if isOptional { text.removeLast() }
      isList = text.hasSuffix("]")
      if isList, let bracket = text.lastIndex(of: "[") {
        size = Int(text[text.index(after: bracket)...].dropLast())
        text = text[..<bracket]
      } else {
        size = nil
      }
      hasOptionalElements = text.hasSuffix("?")
      if hasOptionalElements { text.removeLast() }
      name = String(text)
    }
  }

  /// An argument.
  struct Parameter: Sendable {
    let name: String
    let kind: Kind
    let isKeywordOnly: Bool
    let hasDefault: Bool
  }

  /// Name without namespace.
  let name: String
  /// Name of the overload, `default` for the first one.
  let overload: String
  let parameters: [Parameter]
  /// Number of results; nil for one list of tensors.
  let resultCount: Int?

  /// Reads a line like `add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`.
  ///
  /// - Returns: nil for a line of another form.
  init?(_ line: Substring) {
    guard let open = line.firstIndex(of: "("), let arrow = line.range(of: ") -> ") else {
      return nil
    }
    let title = line[..<open].split(separator: ".")
    guard let first = title.first, open < arrow.lowerBound else { return nil }
    name = String(first)
    overload = title.count > 1 ? String(title[1]) : "default"
    var parameters: [Parameter] = []
    var isKeywordOnly = false
    for part in Self.parts(line[line.index(after: open)..<arrow.lowerBound]) {
      if part == "*" {
        isKeywordOnly = true
        continue
      }
      let words = part.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { return nil }
      let sides = words[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters.append(
        Parameter(
          name: String(sides[0]), kind: Kind(words[0]), isKeywordOnly: isKeywordOnly,
          hasDefault: sides.count > 1))
    }
    self.parameters = parameters
    let result = line[arrow.upperBound...]
    resultCount =
      result == "Tensor[]" ? nil : result.hasPrefix("(") ? Self.parts(result.dropFirst()).count : 1
  }

  /// Parts between commas that stand outside brackets.
  private static func parts(_ text: Substring) -> [Substring] {
    var result: [Substring] = []
    var start = text.startIndex
    var depth = 0
    for index in text.indices {
      if text[index] == "[" { depth += 1 }
      if text[index] == "]" { depth -= 1 }
      guard text[index] == ",", depth == 0 else { continue }
      result.append(text[start..<index].drop { $0 == " " })
      start = text.index(after: index)
    }
    if start < text.endIndex { result.append(text[start...].drop { $0 == " " }) }
    return result
  }

  /// All schemas by the names of their operators.
  private static let all: [String: [ATenSchema]] = Dictionary(
    grouping: ATenSchemaTable.text.split(separator: "\n").compactMap { ATenSchema($0) }, by: \.name)

  /// The overloads of an operator, in the order in which PyTorch tries them.
  ///
  /// What writes in place has the schemas of what does not, where it has none of its own.
  static func overloads(of name: String) -> [ATenSchema] {
    if let schemas = all[name] { return schemas }
    guard name.hasSuffix("_"), !name.hasSuffix("__") else { return [] }
    return all[String(name.dropLast())] ?? []
  }
}
