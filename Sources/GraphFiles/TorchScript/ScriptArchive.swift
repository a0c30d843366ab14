internal import Checkpoints
internal import FileFormats
internal import PythonSyntax

/// The zip archive of `torch.jit.save`.
///
/// Its folder holds `data.pkl`, the network as objects of classes under `__torch__`; `constants.pkl`, tensors
/// that the code names by number; `code/__torch__/....py`, the text of the classes; and the storages in
/// `data/` and `constants/`. Source: torch/csrc/jit/serialization/export_module.cpp and import.cpp.
final class ScriptArchive {
  private static let maximumText = 1 << 24
  /// Scripts of networks have some hundred files of code.
  private static let maximumTexts = 1 << 14

  private let archive: ZipArchive
  private let folder: String
  private var scopes: [String: CodeScope?] = [:]
  private let prelude: PyTorchLibrary

  /// Whether the bytes are such an archive.
  static func isScript(_ source: ByteSource) -> Bool {
    guard source.count > 4, let start = try? source.read(0..<4, format: "file"),
      ZipArchive.isZip(Array(start)), let archive = try? ZipArchive(source)
    else { return false }
    return folder(of: archive) != nil
  }

  private static func folder(of archive: ZipArchive) -> String? {
    for entry in archive.entries where entry.name.hasSuffix("constants.pkl") {
      let folder = String(entry.name.dropLast("constants.pkl".count))
      guard folder.isEmpty || folder.hasSuffix("/"),
        archive.entry(named: folder + "data.pkl") != nil
      else { continue }
      return folder
    }
    return nil
  }

  /// Opens an archive.
  ///
  /// - Throws: `FileFormatError` if it is damaged or of another layout.
  init(_ source: ByteSource) throws(FileFormatError) {
    archive = try ZipArchive(source)
    guard let folder = Self.folder(of: archive) else {
      throw torchScriptError(.unsupported, "is no archive of torch.jit.save")
    }
    self.folder = folder
    prelude = PyTorchLibrary()
    if archive.entry(named: folder + "byteorder") != nil {
      let order = try archive.contents(named: folder + "byteorder")
      guard order.elementsEqual("little".utf8) else {
        throw torchScriptError(
          .unsupported,
          "its byte order is \(quoted(String(decoding: order, as: UTF8.self))), not 'little'")
      }
    }
  }

  /// The value of one of the pickles, `data` or `constants`.
  func pickle(_ name: String) throws(FileFormatError) -> PickleValue {
    try Pickle.parse(try archive.contents(named: "\(folder)\(name).pkl"), globals: .torchScript)
  }

  /// The bytes of a storage of one of the pickles.
  func storage(_ key: String, of pickle: String) throws(FileFormatError) -> ArraySlice<UInt8> {
    try archive.contents(named: "\(folder)\(pickle)/\(key)")
  }

  /// The text of a module of Python like `__torch__.torch.nn.functional`; nil if there is none.
  private func scope(_ name: String) throws -> CodeScope? {
    if let known = scopes[name] { return known }
    guard scopes.count < Self.maximumTexts else { throw CodeRefusal("has too many files of code") }
    let path = "\(folder)code/\(name.replacing(".", with: "/")).py"
    var scope: CodeScope?
    if let entry = archive.entry(named: path) {
      guard entry.size <= Self.maximumText else {
        throw CodeRefusal("its code has \(entry.size) bytes")
      }
      do {
        let bytes = try archive.contents(of: entry)
        scope = CodeScope(
          .script, name: name, text: try PythonText(String(decoding: bytes, as: UTF8.self)))
      } catch {
        throw CodeRefusal("\(name): \((error as? FileFormatError)?.detail ?? "\(error)")")
      }
    }
    scopes[name] = .some(scope)
    return scope
  }

  private static func split(_ name: String) -> (module: String, last: String)? {
    guard name.hasPrefix("__torch__."), let dot = name.lastIndex(of: ".") else { return nil }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }
}

extension ScriptArchive: CodeLibrary {
  func type(named name: String) throws -> CodeClass? {
    guard let (module, last) = Self.split(name) else { return nil }
    return try scope(module)?.types[last]
  }

  func function(named name: String) throws -> CodeFunction? {
    guard let (module, last) = Self.split(name) else { return prelude.function(named: name) }
    guard let scope = try scope(module), let function = scope.functions[last] else { return nil }
    return CodeFunction(function: function, scope: scope, owner: nil, receiver: nil)
  }
}

/// An error of this format.
func torchScriptError(_ reason: FileFormatError.Reason, _ detail: String) -> FileFormatError {
  FileFormatError(reason, format: "TorchScript", detail)
}
