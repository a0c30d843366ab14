/// Where an operator comes from, as the metadata of its file say.
struct SourcePlace {
  /// Path of the innermost module, like `encoder.layers.0`; empty if unknown.
  let module: String
  /// The user's line of source that called the operator; empty if unknown.
  let source: String

  /// Joins the parts.
  init(module: String, source: String) {
    self.module = module
    self.source = source
  }

  /// Reads `nn_module_stack` and `stack_trace`.
  init(_ metadata: [String: String]) {
    module = metadata["nn_module_stack"].map { Self.module($0) } ?? ""
    source = metadata["stack_trace"].map { Self.source(ofTrace: $0) } ?? ""
  }

  /// The path in the last of the entries `key,path,class`, which semicolons part.
  private static func module(_ stack: String) -> String {
    guard let last = stack.split(separator: ";").last else { return "" }
    let parts = last.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count >= 3, !last.hasPrefix("_empty_nn_module_stack") else { return "" }
    var path = parts[1..<parts.count - 1].joined(separator: ",")
    for prefix in ["L['self'].", "L['self']"] where path.hasPrefix(prefix) {
      path.removeFirst(prefix.count)
    }
    // A module that is called again has its number behind its path, as in `conv@1`.
    guard let at = path.lastIndex(of: "@"), path[at...].dropFirst().allSatisfy(\.isNumber) else {
      return path
    }
    return String(path[..<at])
  }

  /// The source line of the innermost frame outside PyTorch.
  static func source(ofTrace trace: String) -> String {
    var found = ""
    var isOwn = false
    for line in trace.split(whereSeparator: \.isNewline) {
      let text = line.drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("File \"") {
        let path = text.dropFirst(6).prefix { $0 != "\"" }
        isOwn = !path.hasPrefix("torch/") && !path.contains("-packages/torch/")
      } else if isOwn {
        found = String(text)
        isOwn = false
      }
    }
    return found
  }
}
