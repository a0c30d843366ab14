internal import PythonSyntax

/// The classes of a whole module: PyTorch's own, and those whose sources a legacy file holds.
final class ModuleSources: CodeLibrary {
  private let sources: [String: String]
  private let pyTorch = PyTorchLibrary()
  private var types: [String: CodeClass?] = [:]
  private var scopes: [CodeScope] = []
  /// Full names by the last parts of them.
  private let fullNames: [String: String]

  /// Classes by texts under their full names.
  init(_ sources: [String: String]) {
    self.sources = sources
    fullNames = Dictionary(
      sources.keys.sorted().map { (Self.last($0), $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func last(_ name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? name
  }

  func type(named name: String) -> CodeClass? {
    if let known = types[name] { return known }
    let type = found(name)
    types[name] = .some(type)
    return type
  }

  private func found(_ name: String) -> CodeClass? {
    if name.hasPrefix("torch.") {
      return pyTorch.type(named: name) ?? source(name)
    }
    if let own = source(name) { return own }
    if !name.contains(".") {
      if let full = fullNames[name], !full.hasPrefix("torch."), let own = source(full) {
        return own
      }
      return pyTorch.type(named: name)
    }
    // Libraries of networks have modules of their own for what PyTorch has too.
    let isLibrary = name.hasPrefix("torchvision.") || name.hasPrefix("timm.")
    return isLibrary ? pyTorch.type(named: Self.last(name)) : nil
  }

  private func source(_ name: String) -> CodeClass? {
    guard let text = sources[name], let read = try? PythonText(text, isLenient: true) else {
      return nil
    }
    let scope = CodeScope(
      .source, name: String(name.dropLast(Self.last(name).count + 1)), text: read)
    scopes.append(scope)
    return scope.types[Self.last(name)]
  }

  func function(named name: String) -> CodeFunction? { pyTorch.function(named: name) }
}
