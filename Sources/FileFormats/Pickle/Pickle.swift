/// A parser of Python pickles, protocols 0 to 5.
///
/// A pickle is a program for a stack machine that may call any Python function. This parser
/// runs the stack and records the calls as data; it imports and calls nothing. Which functions
/// and classes may be named at all is the caller's `PickleGlobalPolicy`.
///
/// Memory is proportional to the input, whatever the input says: every opcode adds at most one
/// node, byte strings share the input's storage, and shared values stay shared.
package enum Pickle {
  static let format = "pickle"

  /// Parses one pickle, which must fill `bytes`.
  ///
  /// - Throws: `FileFormatError` if it is damaged, or names a refused global.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, globals: PickleGlobalPolicy
  ) throws(FileFormatError) -> PickleValue {
    var reader = ByteReader(bytes, format: format)
    return try parse(&reader, globals: globals)
  }

  /// Parses one pickle, which must fill `bytes`.
  ///
  /// - Throws: `FileFormatError` if it is damaged, or names a refused global.
  package static func parse(
    _ bytes: [UInt8], globals: PickleGlobalPolicy
  ) throws(FileFormatError) -> PickleValue {
    try parse(bytes[...], globals: globals)
  }

  /// Parses the pickle at the cursor and leaves the cursor behind it.
  ///
  /// - Throws: `FileFormatError` if it is damaged, or names a refused global.
  package static func parse(
    _ reader: inout ByteReader, globals: PickleGlobalPolicy
  ) throws(FileFormatError) -> PickleValue {
    var machine = PickleMachine(reader, globals: globals)
    let root = try machine.run()
    reader = machine.reader
    var builder = PickleTreeBuilder(machine.nodes)
    return try builder.value(root)
  }

  /// Whether bytes begin like a pickle of protocol 0, which is text: a dictionary, a list, or an object of
  /// a few modules.
  package static func isText(_ bytes: [UInt8]) -> Bool {
    ["(dp", "(lp", "ccopy_reg\n_reconstructor\n", "ccollections\n", "cnumpy", "ctorch."].contains {
      bytes.starts(with: $0.utf8)
    }
  }

  static func malformed(_ detail: String) -> FileFormatError {
    FileFormatError(.malformed, format: format, detail)
  }
}
