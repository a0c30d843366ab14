package import FileFormats

/// Why a checkpoint cannot be used.
///
/// The text is one line: the file, the tensor where one is concerned, what is wrong, what to do.
package struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The path as the user gave it.
  package let path: String
  /// The name of the tensor concerned, if there is one.
  package let tensor: String?
  package let detail: String

  package init(_ path: String, tensor: String? = nil, _ detail: String) {
    self.path = path
    self.tensor = tensor
    self.detail = detail.onOneLine
  }

  /// The error of a file format, met while `path` was read or written.
  package init(_ path: String, _ error: FileFormatError) {
    guard case .refusedGlobal(let name) = error.reason else {
      let isNamed = error.file != nil
      let text = error.description
      self.init(path, isNamed ? String(text.dropFirst((error.file ?? "").count + 2)) : text)
      return
    }
    let advice =
      PyTorchGlobals.isOfPickler(name)
      ? "; it holds a program in place of a network: save model.state_dict() with torch.save"
      : "; do not load it with a program that would"
    self.init(path, error.detail + advice)
  }

  package var description: String {
    let place = tensor.map { "tensor \(quoted($0)): " } ?? ""
    return "\(path): \(place)\(detail)"
  }
}
