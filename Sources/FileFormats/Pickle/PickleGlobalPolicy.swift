/// Which functions and classes a pickle may name.
///
/// Nothing is ever imported or called. The policy decides what a name means: a record of what would
/// be called with what, or an error that names it, so that a pickle which tries to run `posix.system`
/// is refused as a whole.
package struct PickleGlobalPolicy: Sendable {
  /// What to do with a global.
  package enum Verdict: Sendable {
    /// Record calls of it as `PickleValue.object`, or as the value it stands for.
    case allowed
    /// Refuse the pickle.
    case refused
  }

  private let verdict: @Sendable (PickleGlobal) -> Verdict

  /// Creates a policy from a rule; the globals of plain Python containers are always allowed.
  package init(_ verdict: @escaping @Sendable (PickleGlobal) -> Verdict) {
    self.verdict = { StandardType($0) != nil ? .allowed : verdict($0) }
  }

  /// Plain Python data only.
  package static let plain = PickleGlobalPolicy { _ in .refused }

  /// Plain Python data and NumPy arrays, as in CIFAR's Python batches.
  package static let numpy = PickleGlobalPolicy {
    NumPyGlobals.all.contains($0) ? .allowed : .refused
  }

  package func callAsFunction(_ global: PickleGlobal) -> Verdict { verdict(global) }
}

/// A Python container or function whose value follows from its arguments without running it.
enum StandardType {
  case orderedDictionary, defaultDictionary, bytes, encode, set

  init?(_ global: PickleGlobal) {
    switch (global.module, global.name) {
    case ("collections", "OrderedDict"), ("collections", "Counter"), ("builtins", "dict"),
      ("__builtin__", "dict"):
      self = .orderedDictionary
    case ("collections", "defaultdict"): self = .defaultDictionary
    case ("builtins", "bytes"), ("__builtin__", "bytes"), ("builtins", "bytearray"),
      ("__builtin__", "bytearray"):
      self = .bytes
    case ("_codecs", "encode"): self = .encode
    case ("builtins", "set"), ("__builtin__", "set"), ("builtins", "frozenset"),
      ("__builtin__", "frozenset"):
      self = .set
    default: return nil
    }
  }

  /// The value that a call stands for, or `nil` if the arguments fit no known form.
  func value(_ object: PickleObject) -> PickleValue? {
    let arguments = object.arguments
    switch self {
    case .orderedDictionary:
      return Self.initialPairs(arguments.first).map { .dictionary($0 + object.pairs) }
    case .defaultDictionary:
      return Self.initialPairs(arguments.dropFirst().first).map {
        .dictionary($0 + object.pairs)
      }
    case .bytes:
      switch (arguments.first, arguments.count) {
      case (nil, _): return .bytes([])
      case (.bytes(let bytes), 1): return .bytes(bytes)
      case (.string(let text), 2): return Self.latin1(text)
      default: return nil
      }
    case .encode:
      guard case .string(let text)? = arguments.first else { return nil }
      return Self.latin1(text)
    case .set:
      if arguments.isEmpty { return .set(object.items) }
      return (arguments.first?.elements).map { .set($0 + object.items) }
    }
  }

  /// The pairs that a dictionary is created with: none, a dictionary, or a list of pairs.
  private static func initialPairs(_ argument: PickleValue?) -> [PicklePair]? {
    guard let argument else { return [] }
    if let pairs = argument.pairs { return pairs }
    guard let entries = argument.elements else { return nil }
    var pairs: [PicklePair] = []
    for entry in entries {
      guard let pair = entry.elements, pair.count == 2 else { return nil }
      pairs.append(PicklePair(key: pair[0], value: pair[1]))
    }
    return pairs
  }

  /// Bytes that Python 3 writes as text for protocol 2, one character a byte.
  private static func latin1(_ text: String) -> PickleValue? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return .bytes(bytes[...])
  }
}
