/// Which layers form residual blocks, by their names.
///
/// A block is the innermost module with two to four convolutions, like `layer1.0` or `res1`; one around it
/// where a shortcut stands beside that.
struct BlockNames {
  /// Words that shortcuts are called by.
  private static let words = [
    "shortcut", "downsample", "skip", "identity", "proj", "conv_res", "res_conv", "match",
    "down_sample", "residual_conv", "convshortcut",
  ]

  private var blocks: Set<String> = []
  private let paths: [[Substring]]

  init?(_ paths: [String]) {
    self.paths = paths.map { $0.split(separator: ".") }
    for path in self.paths {
      guard let block = innermost(path) else { continue }
      blocks.insert(block.joined(separator: "."))
    }
    if blocks.isEmpty { return nil }
  }

  /// The block that a layer belongs to.
  func block(of path: String) -> String? {
    var parts = path.split(separator: ".")
    while !parts.isEmpty {
      parts.removeLast()
      let name = parts.joined(separator: ".")
      if blocks.contains(name) { return name }
    }
    return nil
  }

  /// Whether a layer is a shortcut's by its name.
  func isShortcut(_ path: String) -> Bool {
    guard let block = block(of: path) else { return false }
    let rest = path.dropFirst(block.count + 1).lowercased()
    return Self.words.contains { rest.contains($0) }
  }

  private func innermost(_ path: [Substring]) -> [Substring]? {
    var parent = Array(path.dropLast())
    while !parent.isEmpty {
      let inside = paths.filter { $0.starts(with: parent) && $0.count > parent.count }
      let main = inside.filter { !isSide($0.dropFirst(parent.count)) }
      if main.count >= 2 {
        guard main.count <= 4, inside.count < paths.count else { return nil }
        // A shortcut beside it makes the module around both the block.
        let outer = Array(parent.dropLast())
        let around = paths.filter { $0.starts(with: outer) && $0.count > outer.count }
        let others = around.filter { !$0.starts(with: parent) }
        if !outer.isEmpty, !others.isEmpty, others.allSatisfy({ isSide($0.dropFirst(outer.count)) })
        {
          return outer
        }
        return parent
      }
      parent.removeLast()
    }
    return nil
  }

  private func isSide(_ rest: ArraySlice<Substring>) -> Bool {
    rest.contains { part in Self.words.contains { part.lowercased().contains($0) } }
  }
}
