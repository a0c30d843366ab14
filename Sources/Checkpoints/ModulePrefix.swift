/// The prefixes that wrappers put before the names of a network's tensors.
enum ModulePrefix {
  /// `module.` comes from DataParallel, `_orig_mod.` from torch.compile, the others from classes
  /// that hold the network as an attribute, as in Lightning.
  private static let known = ["module.", "_orig_mod.", "model.", "net.", "network."]

  /// Removes known prefixes as long as all names share one.
  ///
  /// - Returns: what was removed, and the tensors under their shorter names.
  static func stripped(_ tensors: [StoredTensor]) -> (prefix: String, tensors: [StoredTensor]) {
    var prefix = ""
    while let next = known.first(where: { candidate in
      tensors.allSatisfy { $0.name.hasPrefix(prefix + candidate) }
    }), !tensors.isEmpty {
      prefix += next
    }
    guard !prefix.isEmpty else { return ("", tensors) }
    return (
      prefix,
      tensors.map {
        StoredTensor(name: String($0.name.dropFirst(prefix.count)), array: $0.array)
      }
    )
  }
}
