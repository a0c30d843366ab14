/// Names of modules around and between the layers that say nothing about the network.
enum WrapperNames {
  /// What DataParallel, Opacus and torch.compile put in.
  static let known: Set<String> = ["module", "_module", "_orig_mod"]

  /// Paths longer than this are left alone.
  private static let maximumDepth = 16

  /// The paths of wrappers: modules that alone hold all tensors of the module around them, under a name
  /// that wrappers give.
  static func wrappers(in names: [String]) -> Set<String> {
    var children: [String: Set<String>] = [:]
    for name in names {
      var path = ""
      for component in name.split(separator: ".").prefix(maximumDepth) {
        children[path, default: []].insert(String(component))
        path += path.isEmpty ? String(component) : ".\(component)"
      }
    }
    var wrappers: Set<String> = []
    for (path, names) in children where names.count == 1 {
      guard let only = names.first, known.contains(only) else { continue }
      wrappers.insert(path.isEmpty ? only : "\(path).\(only)")
    }
    return wrappers
  }

  /// A name without the components that are wrappers.
  static func removing(_ wrappers: Set<String>, from name: String) -> String {
    guard !wrappers.isEmpty else { return name }
    var path = ""
    var kept: [Substring] = []
    let components = name.split(separator: ".")
    for (index, component) in components.enumerated() {
      if index < maximumDepth { path += path.isEmpty ? String(component) : ".\(component)" }
      if index >= maximumDepth || !wrappers.contains(path) { kept.append(component) }
    }
    return kept.joined(separator: ".")
  }

  /// The longest prefix of whole components that all names share.
  ///
  /// Each name keeps its last two components, so that a single layer keeps its name; those that have
  /// fewer have no prefix.
  static func sharedPrefix(of names: [String]) -> String {
    guard var shared = names.first?.split(separator: ".") else { return "" }
    for name in names {
      let components = name.split(separator: ".")
      var count = 0
      while count < min(shared.count, components.count - 2), shared[count] == components[count] {
        count += 1
      }
      shared = Array(shared.prefix(max(0, count)))
    }
    return shared.map { "\($0)." }.joined()
  }
}

extension PickledModule {
  /// The module without the modules at paths of wrappers: what they hold stands in their place.
  func removing(_ wrappers: Set<String>, path: String = "") -> PickledModule {
    guard !wrappers.isEmpty else { return self }
    func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    if let wrapper = children.first(where: { wrappers.contains(inner($0.name)) }) {
      return wrapper.module.removing(wrappers, path: inner(wrapper.name))
    }
    return PickledModule(
      className: className, attributes: attributes,
      children: children.map {
        Child(name: $0.name, module: $0.module.removing(wrappers, path: inner($0.name)))
      })
  }
}
