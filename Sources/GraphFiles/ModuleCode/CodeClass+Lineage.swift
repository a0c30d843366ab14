internal import PythonSyntax

extension CodeClass {
  /// The class and all that it is made from, each once: those of its first base before its second one.
  ///
  /// - Complexity: Linear in the classes, which may name each other any number of times.
  func lineage(in library: any CodeLibrary) throws -> [CodeClass] {
    var found: [CodeClass] = []
    var seen: Set<ObjectIdentifier> = []
    var pending = [self]
    while let next = pending.popLast() {
      guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
      found.append(next)
      pending += try next.bases(in: library).reversed()
    }
    return found
  }

  /// The classes that it is made from, those that are known.
  func bases(in library: any CodeLibrary) throws -> [CodeClass] {
    guard scope.kind != .script else { return [] }
    return try bases.compactMap { base in
      switch base {
      case .name(let name):
        let found = try scope.types[name] ?? library.type(named: name)
        return found === self ? try library.type(named: "torch.nn.\(name)") : found
      case .attribute(_, let name):
        // `nn.Conv2d`, also as the base of a class of the same name.
        return try library.type(named: "torch.nn.\(name)") ?? library.type(named: name)
      default: return nil
      }
    }
  }
}
