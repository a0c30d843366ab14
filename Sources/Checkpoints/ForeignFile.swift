import FileFormats

/// A file that is no checkpoint that is read: what it is, and the one thing to do.
struct ForeignFile {
  private let text: String

  /// The error that says so.
  var error: FileFormatError {
    FileFormatError(.unsupported, format: "checkpoint", text)
  }

  /// Recognises a file by its first and last bytes; nil for other files.
  init?(_ bytes: [UInt8]) {
    guard let text = Self.text(bytes) else { return nil }
    self.text = text
  }

  /// Compressed files by their first bytes.
  private static let archives: [(start: [UInt8], name: String, tool: String)] = [
    ([0x1F, 0x8B], "gzip", "tar xzf, or gunzip"),
    ([0x42, 0x5A, 0x68], "bzip2", "tar xjf, or bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz", "tar xJf, or unxz"),
    ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "unzstd"),
    ([0x37, 0x7A, 0xBC, 0xAF], "7z", "7z x"), ([0x52, 0x61, 0x72, 0x21], "rar", "unrar x"),
  ]

  /// Files of other programs by their first bytes.
  private static let others: [(start: [UInt8], text: String)] = [
    (
      [0x89, 0x48, 0x44, 0x46],
      "is an HDF5 file, as Keras writes; export the weights as safetensors"
    ),
    (
      Array("GGUF".utf8),
      "is a GGUF file, whose weights are quantised; give the network's safetensors"
    ),
    (Array("PAR1".utf8), "is a Parquet file, which holds data and no network"),
    (Array("RIFF".utf8), "is no network but sound or pictures"),
    (Array("\u{89}PNG".unicodeScalars.map { UInt8($0.value) }), "is a picture, not a network"),
    (
      [0x93] + Array("NUMPY".utf8),
      "is a single array (.npy); give the weights as .npz or safetensors"
    ),
    ([0x12, 0x01, 0, 0, 0, 0, 0, 0], "is a file of MXNet; export the weights as safetensors"),
  ]

  private static func text(_ bytes: [UInt8]) -> String? {
    if let archive = archives.first(where: { bytes.starts(with: $0.start) }) {
      return "is a \(archive.name) archive; unpack it (\(archive.tool)) and give the file inside"
    }
    if bytes.count >= 262, bytes[257..<262].elementsEqual("ustar".utf8) { return tar(bytes) }
    if let other = others.first(where: { bytes.starts(with: $0.start) }) { return other.text }
    return writing(bytes) ?? program(bytes)
  }

  private static func tar(_ bytes: [UInt8]) -> String {
    let name = String(decoding: bytes.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
    let stem = name.split(separator: "/").last(where: { $0 != "." }) ?? ""
    return ["storages", "tensors", "pickle", "sys_info"].contains(stem)
      ? "is a tar file as written before PyTorch 0.1.10; load and save it with a newer PyTorch"
      : "is a tar archive that begins with \(quoted(name)); unpack it (tar xf) and give the file inside"
  }

  /// Files of text.
  private static func writing(_ bytes: [UInt8]) -> String? {
    let start = bytes.prefix(1024).dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    guard let text = String(validating: start.prefix { $0 < 0x80 }, as: UTF8.self),
      text.utf8.count > 8
    else { return nil }
    let word = text.drop { $0.isWhitespace }.lowercased()
    if word.hasPrefix("version https://git-lfs") {
      return "is a Git LFS pointer, not the file itself; fetch it with git lfs pull"
    }
    if ["<!doctype html", "<html", "<head", "<script"].contains(where: word.hasPrefix) {
      return "is a web page, not a checkpoint; download the file itself"
    }
    if word.hasPrefix("<?xml") {
      return "is an XML text, as servers send with an error; download the file again"
    }
    guard word.hasPrefix("{") || word.hasPrefix("[") else { return nil }
    if String(decoding: bytes.prefix(1 << 16), as: UTF8.self).contains("\"weight_map\"") {
      return
        "is the index of weights in several files; give the folder that holds them and config.json"
    }
    return "is a JSON text without weights; give the file with the weights"
  }

  /// Binary files of other frameworks.
  private static func program(_ bytes: [UInt8]) -> String? {
    let exports = "export the weights as safetensors"
    // The last eight bytes of a table of LevelDB, in which TensorFlow keeps its index.
    if bytes.suffix(8) == [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB] {
      return "is the index of a TensorFlow checkpoint, not a PyTorch file; \(exports)"
    }
    if bytes.count > 8, bytes[4..<8].elementsEqual("TFL3".utf8) {
      return "is a TensorFlow Lite file; \(exports) from the network it was made of"
    }
    let start = String(decoding: bytes.prefix(64), as: UTF8.self)
    let isLua = bytes.count > 8 && (3...4).contains(bytes[0]) && bytes[1..<4].allSatisfy { $0 == 0 }
    if isLua && (start.contains("V 1") || start.contains("nn.") || start.contains("torch."))
      || start.hasPrefix("4\n") && start.contains("V 1")
    {
      return "is a file of Lua Torch (.t7); convert it to PyTorch, or \(exports)"
    }
    return isMessagePack(bytes) ? "is a file of Flax (MessagePack); \(exports)" : nil
  }

  /// A map whose first key is text, as Flax writes a tree of parameters.
  private static func isMessagePack(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 4 else { return false }
    let key: UInt8
    switch bytes[0] {
    // 0x80 begins pickles too, and is a map without entries.
    case 0x81...0x8F: key = bytes[1]
    case 0xDE: key = bytes[3]
    default: return false
    }
    return (0xA1...0xBF).contains(key) || key == 0xD9
  }

  /// What to say of a file of which nothing is known.
  static func unrecognized(_ bytes: [UInt8]) -> FileFormatError {
    let format = "checkpoint"
    if bytes.isEmpty {
      return FileFormatError(.truncated, format: format, "the file is empty")
    }
    let first = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return FileFormatError(
      .unsupported, format: format,
      "is neither PyTorch, safetensors nor npz (it starts with \(first.joined(separator: " ")))")
  }

  /// What a zip archive is that is none of PyTorch.
  static func zip(_ names: [String]) -> FileFormatError {
    let exports = "export the weights as safetensors"
    let endings = [
      ".pth", ".pt", ".ckpt", ".bin", ".th", ".tar", ".safetensors", ".pkl", ".npz", ".t7",
    ]
    let inside = names.filter { name in
      endings.contains { name.hasSuffix($0) } && !name.hasPrefix("__MACOSX")
    }
    let text =
      if names.contains(where: { $0.hasSuffix(".h5") }), names.contains("config.json") {
        "is a Keras archive; \(exports)"
      } else if let first = inside.first {
        "is a zip archive around \(quoted(first)); unpack it (unzip) and give the file inside"
      } else {
        "is a zip archive, but neither of PyTorch (no data.pkl) nor of NumPy"
      }
    return FileFormatError(.unsupported, format: "checkpoint", text)
  }
}
