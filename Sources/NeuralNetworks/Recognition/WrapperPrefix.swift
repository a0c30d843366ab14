/// The prefixes that wrappers of modules put before the names of all tensors of a network.
package enum WrapperPrefix {
  /// `module.` comes from DataParallel, `_orig_mod.` from torch.compile, the others from classes
  /// that hold the network as an attribute, as in Lightning.
  private static let known = ["module.", "_orig_mod.", "model.", "net.", "network."]

  /// The longest chain of known prefixes that all names share; empty without names.
  package static func shared(by names: [String]) -> String {
    var prefix = ""
    while let next = known.first(where: { candidate in
      names.allSatisfy { $0.hasPrefix(prefix + candidate) }
    }), !names.isEmpty {
      prefix += next
    }
    return prefix
  }
}
