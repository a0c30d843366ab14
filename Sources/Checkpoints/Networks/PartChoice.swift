import FileFormats

/// The choice of one network among those that a checkpoint holds.
struct PartChoice {
  /// The state dict.
  let part: CheckpointPart
  /// Name of the network inside the state dict that the user asked for, where it is one of several.
  let network: String?
  /// Names of the other state dicts.
  let others: [String]
  /// Whole modules beside it, such as the network among the settings of Lightning: one of them may be that
  /// whose state dict this is.
  let modules: [CheckpointPart]

  private static let format = "checkpoint"

  /// Chooses a state dict.
  ///
  /// - Parameters:
  ///   - root: What the file holds.
  ///   - name: What the user asked for: a state dict, a network in one, or both joined by a dot; nil for
  ///     the usual one.
  ///   - advice: What to do where no choice is the usual one.
  /// - Throws: `FileFormatError` where there is none, none of this name, or no usual one.
  init(in root: CheckpointValue, name: String?, advice: String) throws(FileFormatError) {
    let parts = CheckpointPart.all(in: root)
    guard !parts.isEmpty else { throw Self.empty(root) }
    if let name, !name.isEmpty {
      if let part = parts.first(where: { $0.name == name }) {
        self.init(part, nil, among: parts)
        return
      }
      // The longest name that the wish begins with.
      let around = parts.filter { !$0.path.isEmpty && name.hasPrefix($0.name + ".") }
        .max { $0.path.count < $1.path.count }
      if let around {
        self.init(around, String(name.dropFirst(around.name.count + 1)), among: parts)
        return
      }
      if let usual = Self.usual(parts[...], depth: 0) {
        self.init(usual, name, among: parts)
        return
      }
      throw FileFormatError(
        .unsupported, format: Self.format,
        "holds no \(quoted(name)), but \(Self.list(parts.map(\.name)))")
    }
    guard let usual = Self.usual(parts[...], depth: 0) else {
      throw FileFormatError(
        .unsupported, format: Self.format,
        "holds \(parts.count) state dicts (\(Self.list(parts.map(\.name)))), and none is the usual one; "
          + advice)
    }
    self.init(usual, nil, among: parts)
  }

  private init(_ part: CheckpointPart, _ network: String?, among parts: [CheckpointPart]) {
    self.part = part
    self.network = network
    others = parts.map(\.name).filter { $0 != part.name }
    modules = part.module == nil ? parts.filter { $0.module != nil } : []
  }

  /// Names separated by commas, the first of many.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(6).map { $0.isEmpty ? "the file itself" : quoted($0) }
    return shown.joined(separator: ", ") + (names.count > 6 ? ", ..." : "")
  }

  /// The part that a reader means without saying so, by the keys on the way to it.
  private static func usual(_ parts: ArraySlice<CheckpointPart>, depth: Int) -> CheckpointPart? {
    guard let first = parts.first, parts.count > 1 else { return parts.first }
    if first.path.count == depth { return first }
    var keys: [String] = []
    for part in parts where part.path.count > depth && !keys.contains(part.path[depth]) {
      keys.append(part.path[depth])
    }
    // Positions in a list say nothing.
    guard keys.count == 1 || keys.contains(where: { Int($0) == nil }),
      let key = NetworkRole.usual(among: keys)
    else { return nil }
    return usual(
      parts.filter { $0.path.count > depth && $0.path[depth] == key }[...], depth: depth + 1)
  }

  /// What is wrong with a file without any state dict.
  private static func empty(_ root: CheckpointValue) -> FileFormatError {
    func error(_ text: String) -> FileFormatError {
      FileFormatError(.unsupported, format: format, text)
    }
    switch root {
    case .dictionary(let entries):
      if entries.isEmpty { return error("is empty") }
      if TrainingState.isOptimizer(entries) {
        return error(
          "holds the state of an optimizer, not of a network; give the file with model.state_dict()"
        )
      }
      let keys = entries.prefix(10).map { quoted($0.key) }.joined(separator: ", ")
      if entries.allSatisfy({ TrainingState.isKey($0.key) || $0.value.singleNumber != nil }),
        entries.contains(where: { TrainingState.isKey($0.key) })
      {
        return error(
          "holds the state of a training (\(keys)) without its network; give the file with "
            + "model.state_dict()")
      }
      return error("holds no state dict; its keys are \(keys)")
    default:
      return error("holds \(root.kind) instead of a state dict; save model.state_dict() instead")
    }
  }
}
