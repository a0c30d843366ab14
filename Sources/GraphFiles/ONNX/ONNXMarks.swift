internal import Foundation
internal import ONNXMessages

/// What exporters note beside the nodes, and what it says about stored tensors.
///
/// PyTorch's exporter keeps the node of `torch.export` that a node was made from, in which parameters are
/// called `%p_...` and buffers `%b_...`. A tensor that a node uses and its note does not mention was made
/// by the exporter: of others, or of several that were equal.
struct ONNXMarks {
  /// Whether there are notes at all.
  private(set) var isEmpty = true
  /// Tensors that are parameters where they are used.
  private(set) var parameters: Set<String> = []
  /// Tensors that are buffers where they are used.
  private(set) var buffers: Set<String> = []
  /// Tensors that were made by the exporter.
  private(set) var made: Set<String> = []

  /// Takes in the notes of a node that uses some of the stored tensors.
  mutating func add(_ node: Onnx_NodeProto, tensors: [String]) {
    for entry in node.metadataProps {
      switch entry.key {
      case "pkg.torch.onnx.fx_node":
        isEmpty = false
        guard !tensors.isEmpty else { continue }
        let mentioned = Set(
          entry.value.split(separator: "%").dropFirst().map { part in
            part.prefix { $0.isLetter || $0.isNumber || $0 == "_" }.lowercased()
          })
        for tensor in tensors {
          let name = Self.mangled(tensor)
          if mentioned.contains("p_" + name) {
            parameters.insert(tensor)
          } else if mentioned.contains("b_" + name) {
            buffers.insert(tensor)
          } else {
            made.insert(tensor)
          }
        }
      case "pkg.onnxscript.rewriter.rule_name":
        // The norm behind a convolution became part of its weights, which keep their name.
        if entry.value.contains("FuseBatchNorm") { made.formUnion(tensors) }
      default: break
      }
    }
  }

  private static func mangled(_ name: String) -> String {
    String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }
}

extension SourcePlace {
  /// Reads what PyTorch's exporters note: scopes and stack trace of the new one, the name of the node of
  /// the old one, like `/layers.0/layers.0.2/Conv`.
  init(_ node: Onnx_NodeProto) {
    var metadata: [String: String] = [:]
    for entry in node.metadataProps { metadata[entry.key] = entry.value }
    let trace = metadata["pkg.torch.onnx.stack_trace"] ?? ""
    var module = ""
    if let scopes = metadata["pkg.torch.onnx.name_scopes"] {
      // A list of Python texts, of which the last is the node itself.
      let names = scopes.split(separator: "'", omittingEmptySubsequences: false)
      let texts = stride(from: 1, to: names.count, by: 2).map { names[$0] }
      module = texts.dropLast().last.map { String($0) } ?? ""
    } else if node.name.hasPrefix("/") {
      for part in node.name.split(separator: "/").dropLast() {
        let isNested = part.hasPrefix(module + ".") || module.isEmpty
        module = isNested ? String(part) : "\(module).\(part)"
      }
    }
    self.init(module: module, source: Self.source(ofTrace: trace))
  }
}
