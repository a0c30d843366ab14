import FileFormats
internal import Settings

/// The network of a checkpoint, made of one of its state dicts.
struct CheckpointNetwork {
  let tensors: [StoredTensor]
  let strippedPrefix: String
  let module: PickledModule?
  let remarks: [String]
  let otherParts: [String]
  let normalization: String?
  /// The tensors as the file has them; empty where they are the same.
  let originals: [StoredTensor]
  /// Names among the originals of what is no part of the network.
  let passedOver: Set<String>
  let notes: CheckpointNotes

  private static let format = "checkpoint"

  /// Takes a network out of what a file holds.
  ///
  /// - Parameters:
  ///   - root: What the file holds.
  ///   - name: The state dict or network that the user asked for, or nil for the usual one.
  ///   - advice: What to do where no choice is the usual one.
  /// - Throws: `FileFormatError` where there is no network, several that nothing tells apart, or one of
  ///   tensors that are not read.
  init(_ root: CheckpointValue, name: String?, advice: String) throws(FileFormatError) {
    let choice = try PartChoice(in: root, name: name, advice: advice)
    let part = choice.part
    notes = CheckpointNotes(in: root, beside: part)
    var remarks = notes.objects.map { "passes over \($0.name), \($0.kind)" }
    if !choice.others.isEmpty {
      remarks.append(
        "takes \(quoted(part.name)); also there: \(PartChoice.list(choice.others)) "
          + "(\(.weights) chooses)")
    }
    let all = try Self.tensors(of: part)
    let own = try Self.network(choice.network, in: all, advice: advice)
    if let remark = own.remark { remarks.append(remark) }
    otherParts = choice.others + own.others
    let wholeModule = part.module.map { $0[path: own.prefix] ?? $0 }
    let passed = PassedOverTensors(own.tensors, module: wholeModule)
    remarks += passed.remarks
    let stored = StoredNormalization(
      tensors: passed.kept + own.beside, module: wholeModule, notes: notes.lists)
    normalization = stored?.text
    if let stored {
      remarks.append("keeps the normalisation of its images in \(stored.place): \(stored.text)")
    }
    let weights = passed.kept.filter { stored?.names.contains($0.name) != true }
    passedOver = Set(own.tensors.map(\.name)).subtracting(weights.map(\.name))
    // What is no part of the network may stand beside the wrapper that holds all of it.
    let wrappers = WrapperNames.wrappers(in: weights.map(\.name))
    let folded = try FoldedWeights(
      weights.map {
        StoredTensor(name: WrapperNames.removing(wrappers, from: $0.name), array: $0.array)
      })
    let plain = PlainMatrices(folded.tensors)
    remarks += folded.remarks + plain.remarks
    // A module that alone holds all others may compute more than it does; a name says no more.
    let prefix = wholeModule == nil ? WrapperNames.sharedPrefix(of: plain.tensors.map(\.name)) : ""
    let tensors = plain.tensors.map {
      StoredTensor(name: String($0.name.dropFirst(prefix.count)), array: $0.array)
    }
    guard !tensors.isEmpty else {
      throw FileFormatError(
        .unsupported, format: Self.format, "holds no weights beside what belongs to no network")
    }
    self.tensors = tensors
    module =
      wholeModule?.removing(wrappers) ?? Self.module(of: tensors, among: choice.modules)
    self.remarks = remarks
    strippedPrefix = Self.firstWrapper(own.tensors, tensors) ?? prefix
    originals = own.tensors == tensors ? [] : own.tensors
  }

  /// The module whose state dict tensors are, with its paths as in their names.
  ///
  /// What a module says of its layers holds for other weights of the same names and shapes too.
  private static func module(
    of tensors: [StoredTensor], among parts: [CheckpointPart]
  ) -> PickledModule? {
    let shapes = Dictionary(tensors.map { ($0.name, $0.shape) }) { first, _ in first }
    for part in parts {
      let wrappers = WrapperNames.wrappers(in: part.entries.map(\.key))
      var own: [String: [Int]] = [:]
      for entry in part.entries {
        if let shape = entry.value.tensor?.shape {
          own[WrapperNames.removing(wrappers, from: entry.key)] = shape
        }
      }
      let prefix = WrapperNames.sharedPrefix(of: Array(own.keys))
      guard own.count == shapes.count,
        own.allSatisfy({ shapes[String($0.key.dropFirst(prefix.count))] == $0.value })
      else { continue }
      return part.module?.removing(wrappers)[path: prefix]
    }
    return nil
  }

  /// What the names of the first tensor's origin begin with and the new one's do not.
  private static func firstWrapper(_ old: [StoredTensor], _ new: [StoredTensor]) -> String? {
    for tensor in new.prefix(8) {
      let name = tensor.name
      if let origin = old.first(where: { $0.name == name || $0.name.hasSuffix("." + name) }) {
        return String(origin.name.dropLast(name.count))
      }
    }
    return nil
  }

  // MARK: - Tensors

  /// All tensors of the usual state dict, as they are.
  static func tensors(ofUsualPartIn root: CheckpointValue) throws(FileFormatError) -> [StoredTensor]
  {
    try tensors(of: PartChoice(in: root, name: nil, advice: "keep one of them").part)
  }

  private static func tensors(of part: CheckpointPart) throws(FileFormatError) -> [StoredTensor] {
    if part.entries.contains(where: \.isQuantizedLayer)
      || part.module.map(isQuantized) == true
    {
      throw quantized(nil)
    }
    var tensors: [StoredTensor] = []
    for entry in part.entries {
      switch entry.value {
      case .tensor(let array): tensors.append(StoredTensor(name: entry.key, array: array))
      case .unreadableTensor(let kind):
        if kind.contains("quantised") { throw quantized(entry.key) }
        throw FileFormatError(
          .unsupported, format: "\(format), tensor \(quoted(entry.key))",
          "is \(kind), which no network here has; "
            + (kind.contains("sparse")
              ? "save it as \(entry.key).to_dense()" : "save a network of real numbers"))
      default: break
      }
    }
    return tensors
  }

  private static func isQuantized(_ module: PickledModule) -> Bool {
    module.className.contains(".quantized.")
      || module.children.contains { isQuantized($0.module) }
  }

  private static func quantized(_ tensor: String?) -> FileFormatError {
    FileFormatError(
      .unsupported, format: format,
      (tensor.map { "tensor \(quoted($0)) is quantised" } ?? "the network is quantised")
        + ", so it has no derivatives; save the state_dict() of the float model before quantisation"
    )
  }

  // MARK: - Several networks

  /// The tensors of one network of a state dict.
  private struct Taken {
    /// Its tensors, without its prefix.
    var tensors: [StoredTensor]
    var prefix = ""
    /// Names of the others.
    var others: [String] = []
    /// Tensors of none of them.
    var beside: [StoredTensor] = []
    var remark: String?
  }

  private static func network(
    _ name: String?, in tensors: [StoredTensor], advice: String
  ) throws(FileFormatError) -> Taken {
    let networks = NetworksInStateDict(tensors).networks
    let names = networks.map(\.name)
    let covered = Set(networks.flatMap(\.indices))
    let beside = tensors.indices.filter { !covered.contains($0) }.map { tensors[$0] }
    func taken(_ network: NetworksInStateDict.Network, others: [String]) -> Taken {
      Taken(
        tensors: network.indices.map {
          StoredTensor(
            name: String(tensors[$0].name.dropFirst(network.prefix.count)), array: tensors[$0].array
          )
        }, prefix: network.prefix, others: others, beside: beside)
    }
    if let name {
      if let network = networks.first(where: { $0.name == name }) {
        return taken(network, others: names.filter { $0 != name })
      }
      throw FileFormatError(
        .unsupported, format: format,
        names.isEmpty
          ? "holds a single network, so there is no \(quoted(name)) for \(.weights) to choose; leave it out"
          : "holds no \(quoted(name)), but \(PartChoice.list(names))")
    }
    guard let first = networks.first else { return Taken(tensors: tensors) }
    if networks.dropFirst().allSatisfy({ areEqual(first, $0, tensors) }) {
      return taken(first, others: [])
    }
    guard let usual = NetworkRole.usual(among: names),
      let network = networks.first(where: { $0.name == usual })
    else {
      throw FileFormatError(
        .unsupported, format: format,
        "holds \(names.count) networks (\(PartChoice.list(names))), and none is the usual one; "
          + advice)
    }
    var result = taken(network, others: names.filter { $0 != usual })
    result.remark =
      "holds \(names.count) networks and takes \(quoted(usual)); also there: "
      + "\(PartChoice.list(result.others)) (\(.weights) chooses)"
    return result
  }

  /// Whether two copies hold the same numbers.
  private static func areEqual(
    _ first: NetworksInStateDict.Network, _ second: NetworksInStateDict.Network,
    _ tensors: [StoredTensor]
  ) -> Bool {
    func byName(_ network: NetworksInStateDict.Network) -> [String: Int] {
      Dictionary(
        network.indices.map { (String(tensors[$0].name.dropFirst(network.prefix.count)), $0) }
      ) { one, _ in one }
    }
    let (a, b) = (byName(first), byName(second))
    return a.count == b.count
      && a.allSatisfy { name, index in
        b[name].map { tensors[$0].array == tensors[index].array } == true
      }
  }
}
