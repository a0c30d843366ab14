/// Methods of lists, dictionaries and texts.
enum PythonMethods {
  /// A method with what it is called on.
  typealias Method = @Sendable (CodeInterpreter, CodeValue, CodeArguments) throws -> CodeValue

  static let all: [String: Method] = [
    // Lists.
    "append": { i, value, a in
      i.lists[try list(value)].append(try a.required(0, "object"))
      return .none
    },
    "extend": { i, value, a in
      let index = try list(value)
      i.lists[index] += try i.elements(of: try a.required(0, "iterable"))
      try i.charge(i.lists[index].count)
      return .none
    },
    "insert": { i, value, a in
      let index = try list(value)
      let count = i.lists[index].count
      let place = try i.integer(of: try a.required(0, "index"))
      try i.charge(count)
      i.lists[index].insert(
        try a.required(1, "object"), at: place < 0 ? max(place, -count) + count : min(place, count))
      return .none
    },
    "pop": { i, value, a in
      if case .dictionary(let index) = value {
        let key = try i.key(try a.required(0, "key"))
        guard let result = i.dictionaries[index][key] ?? a.value(1, "default") else {
          throw CodeRefusal("a dictionary lacks an entry")
        }
        i.dictionaries[index][key] = nil
        return result
      }
      let index = try list(value)
      try i.charge(i.lists[index].count)
      return i.lists[index].remove(
        at: try i.place(a.value(0, "index") ?? .integer(-1), count: i.lists[index].count))
    },
    "reverse": { i, value, _ in
      i.lists[try list(value)].reverse()
      return .none
    },
    "index": { i, value, a in
      let wanted = try a.required(0, "value")
      guard let place = try i.elements(of: value).firstIndex(where: { try i.isEqual($0, wanted) })
      else {
        throw CodeRefusal("a list lacks an element")
      }
      return .integer(place)
    },
    "count": { i, value, a in
      let wanted = try a.required(0, "value")
      return .integer(try i.elements(of: value).filter { try i.isEqual($0, wanted) }.count)
    },
    "copy": { i, value, _ in
      guard case .dictionary(let index) = value else { return i.list(try i.elements(of: value)) }
      i.dictionaries.append(i.dictionaries[index])
      return .dictionary(i.dictionaries.count - 1)
    },
    // Of an extent, as in `x.size()[1:].numel()`.
    "numel": { i, value, _ in
      try i.elements(of: value).reduce(.integer(1)) { try CodeArithmetic.binary("*", $0, $1) }
    },

    // Dictionaries.
    "keys": { i, value, _ in
      i.list(i.dictionaries[try dictionary(value)].keys.map { CodeInterpreter.value(of: $0) })
    },
    "values": { i, value, _ in i.list(i.dictionaries[try dictionary(value)].elements) },
    "items": { i, value, _ in
      let entries = i.dictionaries[try dictionary(value)]
      return i.list(
        try zip(entries.keys, entries.elements).map {
          try i.tuple([CodeInterpreter.value(of: $0), $1])
        })
    },
    "get": { i, value, a in
      i.dictionaries[try dictionary(value)][try i.key(try a.required(0, "key"))]
        ?? a.value(1, "default") ?? .none
    },

    // Texts.
    "format": { i, value, _ in try i.limited(value.text ?? "") },
    "startswith": { _, value, a in
      .boolean((value.text ?? "").hasPrefix(try a.required(0, "prefix").text ?? "\u{0}"))
    },
    "endswith": { _, value, a in
      .boolean((value.text ?? "").hasSuffix(try a.required(0, "suffix").text ?? "\u{0}"))
    },
    "lower": { _, value, _ in .text((value.text ?? "").lowercased()) },
    "upper": { _, value, _ in .text((value.text ?? "").uppercased()) },
    "replace": { i, value, a in
      guard let old = try a.required(0, "old").text, let new = try a.required(1, "new").text,
        !old.isEmpty
      else { throw CodeRefusal("replaces something else than texts") }
      return try i.limited((value.text ?? "").replacing(old, with: new))
    },
    "split": { i, value, a in
      guard let separator = try a.required(0, "sep").text, !separator.isEmpty else {
        throw CodeRefusal("splits at something else than a text")
      }
      let parts = (value.text ?? "").split(separator: separator, omittingEmptySubsequences: false)
      return i.list(parts.map { .text(String($0)) })
    },
    "join": { i, value, a in
      try i.limited(
        try i.elements(of: try a.required(0, "iterable")).map { try i.text(of: $0) }
          .joined(separator: value.text ?? ""))
    },
  ]

  private static func list(_ value: CodeValue) throws -> Int {
    guard case .list(let index) = value else {
      throw CodeRefusal("changes \(value.kind) as a list")
    }
    return index
  }

  private static func dictionary(_ value: CodeValue) throws -> Int {
    guard case .dictionary(let index) = value else {
      throw CodeRefusal("asks \(value.kind) for entries")
    }
    return index
  }
}
