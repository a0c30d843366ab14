internal import Foundation

/// A reader of files as the fuzzer and its regression test call it: bytes go in, an error is as good as a
/// result.
///
/// A trap, a run without end, memory past `memoryLimit` and an error of more than one line are findings.
package struct FuzzedReader: Sendable {
  /// Where the bytes are put before the reader is called.
  package enum Place: Sendable {
    /// Nowhere: the reader takes bytes.
    case memory
    /// In a file of this name, whose path the reader takes.
    case file(String)
    /// In a file of this name below a folder, whose path the reader takes.
    case fileInFolder(String)
    /// They are a zip archive; its entries become the files of a folder, whose path the reader takes.
    case folder
  }

  /// Megabytes that a reader may take for any input: images of 2^26 pixels, which are allowed, need most of
  /// them.
  package static let memoryLimit = 2048

  /// Name on the command line, and of the folder in the corpus.
  package let name: String
  /// Where the bytes are put.
  package let place: Place
  /// What parts of an input can be changed as a whole, beside those that are found by its first bytes.
  package let containers: [any Container.Type]
  /// Fixtures of the tests that it starts from: below `Tests`.
  package let seeds: [Seed]
  /// Words that inputs are made of.
  package let words: Words?
  private let body: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void

  /// Lists of words, files in `Tests/Fuzzing/Dictionaries`.
  package enum Words: String, Sendable {
    case python, json, onnx, table, pickle
  }

  /// Joins the parts.
  init(
    _ name: String, in place: Place = .memory, containers: [any Container.Type] = [],
    seeds: [Seed] = [], words: Words? = nil,
    read: @escaping @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void
  ) {
    self.name = name
    self.place = place
    self.containers = containers
    self.seeds = seeds
    self.words = words
    body = read
  }

  /// Whether the input is an archive only to name several files.
  package var isFolder: Bool {
    if case .folder = place { true } else { false }
  }

  /// Calls the reader.
  ///
  /// - Returns: What it refused the input with; nil where it was read.
  /// - Precondition: The error has one line.
  @discardableResult
  package func run(_ bytes: [UInt8]) -> String? {
    let path: String
    switch place {
    case .memory: path = name
    case .file(let name): path = ScratchFolder.write(bytes, to: name)
    case .fileInFolder(let name):
      _ = ScratchFolder.write(bytes, to: name)
      path = ScratchFolder.path
    case .folder:
      guard ScratchFolder.unpack(bytes) else { return "no folder" }
      path = ScratchFolder.path
    }
    do {
      try body(bytes, path)
      return nil
    } catch {
      let text = "\(error)"
      precondition(!text.contains { $0.isNewline }, "an error of several lines: \(text)")
      return text
    }
  }

  /// Every reader.
  package static let all: [FuzzedReader] =
    archives + arrays + pickles + checkpoints + graphs + code + datasets + images + records + runs

  /// The reader of a name.
  package static func named(_ name: String) -> FuzzedReader? { all.first { $0.name == name } }
}
