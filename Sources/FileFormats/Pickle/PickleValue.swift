/// A value read from a Python pickle: data only, nothing was executed to get it.
package indirect enum PickleValue: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer beyond 64 bits: two's complement, little-endian.
  case bigInteger([UInt8])
  case float(Double)
  /// Bytes, a bytearray, or a Python 2 string.
  case bytes(ArraySlice<UInt8>)
  case string(String)
  case list([PickleValue])
  case tuple([PickleValue])
  /// Key-value pairs in order; a later pair replaces an earlier one with the same key.
  case dictionary([PicklePair])
  case set([PickleValue])
  /// An allowed function or class that is itself the value.
  case global(PickleGlobal)
  /// What an allowed function or class would have been called with.
  case object(PickleObject)
  /// A reference to data outside the pickle, such as a tensor's storage.
  case persistent(PickleValue)
  /// An object of a class, inside itself.
  case opaque(PickleGlobal)
}

/// One entry of a pickled dictionary.
package struct PicklePair: Sendable {
  package let key: PickleValue
  package let value: PickleValue

  package init(key: PickleValue, value: PickleValue) {
    self.key = key
    self.value = value
  }
}

/// The full name of a function or class.
package struct PickleGlobal: Hashable, Sendable, CustomStringConvertible {
  package let module: String
  package let name: String

  package init(_ module: String, _ name: String) {
    self.module = module
    self.name = name
  }

  package var description: String { "\(module).\(name)" }
}

/// The record of a call that a pickle asks for, and of what it adds to the result.
package final class PickleObject: Sendable {
  /// The function or class to be called.
  package let callable: PickleGlobal
  package let arguments: [PickleValue]
  /// What `__setstate__` would have received.
  package let state: PickleValue?
  /// What would have been appended.
  package let items: [PickleValue]
  /// What would have been stored under keys.
  package let pairs: [PicklePair]
  /// The identifier of the reference that stood in place of the class, where one did.
  package let reference: PickleValue?

  init(
    callable: PickleGlobal, arguments: [PickleValue], state: PickleValue?, items: [PickleValue],
    pairs: [PicklePair], reference: PickleValue? = nil
  ) {
    self.callable = callable
    self.arguments = arguments
    self.state = state
    self.items = items
    self.pairs = pairs
    self.reference = reference
  }
}

extension PickleValue {
  /// The integer, if this is one of at most 64 bits.
  package var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The text of a string, or of Python 2's byte string where it is UTF-8.
  package var text: String? {
    switch self {
    case .string(let value): value
    case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }

  /// The elements of a list or tuple.
  package var elements: [PickleValue]? {
    switch self {
    case .list(let values), .tuple(let values): values
    default: nil
    }
  }

  /// The pairs of a dictionary.
  package var pairs: [PicklePair]? {
    if case .dictionary(let pairs) = self { pairs } else { nil }
  }

  /// The value stored under a text key of a dictionary.
  ///
  /// - Complexity: linear in the number of pairs.
  package subscript(key: String) -> PickleValue? {
    pairs?.last { $0.key.text == key }?.value
  }

  /// What kind of value this is, for error messages.
  package var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a boolean"
    case .integer, .bigInteger: "an integer"
    case .float: "a float"
    case .bytes: "bytes"
    case .string: "a string"
    case .list: "a list"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .set: "a set"
    case .global(let global): "the name \(quoted(global.description))"
    case .object(let object): "an object of \(quoted(object.callable.description))"
    case .persistent: "a reference to external data"
    case .opaque(let global): "an object of \(quoted(global.description))"
    }
  }
}
