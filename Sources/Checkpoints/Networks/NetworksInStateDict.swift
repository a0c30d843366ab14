import FileFormats

/// The networks that lie side by side in one state dict, each under a prefix of its own.
struct NetworksInStateDict {
  /// One of them.
  struct Network {
    /// What the user calls it: its prefix without what all tensors share.
    let name: String
    /// Positions of its tensors.
    let indices: [Int]
    /// The prefix of its tensors; empty where it is what lies beside the others.
    let prefix: String
  }

  /// The networks, if there are several; a single one is not listed.
  let networks: [Network]

  /// More components of a name are not looked at.
  private static let maximumDepth = 12
  /// More tensors are one network.
  private static let maximumTensors = 20_000
  /// Tensors beside equal copies that are no part of either: a mean, a deviation, a counter.
  private static let smallCount = 16

  /// Looks for students and teachers, averages of weights, generators and discriminators by their names,
  /// and for equal copies by names and shapes.
  init(_ tensors: [StoredTensor]) {
    let names = tensors.map(\.name)
    let shared = WrapperNames.sharedPrefix(of: names)
    let named = Self.named(tensors, shared: shared)
    guard named.isEmpty else {
      networks = named
      return
    }
    networks = tensors.count > Self.maximumTensors ? [] : Self.copies(tensors, shared: shared)
  }

  /// Groups by the first component behind the shared prefix, where its words say a role.
  private static func named(_ tensors: [StoredTensor], shared: String) -> [Network] {
    var order: [String] = []
    var groups: [String: [Int]] = [:]
    for (index, tensor) in tensors.enumerated() {
      let rest = tensor.name.dropFirst(shared.count)
      let component = rest.contains(".") ? String(rest.prefix { $0 != "." }) : ""
      if groups[component] == nil { order.append(component) }
      groups[component, default: []].append(index)
    }
    func matrices(_ indices: [Int]) -> Int {
      indices.count { tensors[$0].isMatrix }
    }
    let partners = order.filter {
      NetworkRole.isPartner($0) && matrices(groups[$0] ?? []) > 1
    }
    var rest = order.filter { !NetworkRole.isPartner($0) }.flatMap { groups[$0] ?? [] }
    // An average is a copy of something; a layer whose name sounds like one is not.
    let shapes = Self.shapes(tensors, rest + partners.flatMap { groups[$0] ?? [] })
    let followers = order.filter { component in
      guard NetworkRole.isFollower(component), !partners.contains(component) else { return false }
      let own = groups[component] ?? []
      let others = Self.shapes(tensors, own)
      return matrices(own) > 1
        && others.allSatisfy { (shapes[$0.key] ?? 0) - $0.value >= $0.value }
    }
    guard partners.count + followers.count > 0 else { return [] }
    rest = order.filter { !partners.contains($0) && !followers.contains($0) }
      .flatMap { groups[$0] ?? [] }.sorted()
    var networks = (partners + followers).map {
      Network(name: $0, indices: groups[$0] ?? [], prefix: "\(shared)\($0).")
    }
    if matrices(rest) > 1 {
      let heads = order.filter { component in
        !partners.contains(component) && !followers.contains(component)
          && matrices(groups[component] ?? []) > 0
      }
      let only = heads.count == 1 ? heads[0] : nil
      networks.insert(
        Network(
          name: only ?? heads.prefix(3).joined(separator: "+"), indices: rest,
          prefix: only.map { "\(shared)\($0)." } ?? ""), at: 0)
    }
    return networks.count > 1 ? networks : []
  }

  /// How many tensors of each shape there are.
  private static func shapes(_ tensors: [StoredTensor], _ indices: [Int]) -> [[Int]: Int] {
    var counts: [[Int]: Int] = [:]
    for index in indices where tensors[index].isMatrix {
      counts[tensors[index].shape, default: 0] += 1
    }
    return counts
  }

  /// Modules that hold the same names with the same shapes, and all tensors but a few small ones
  /// together.
  private static func copies(_ tensors: [StoredTensor], shared: String) -> [Network] {
    var members: [String: [Int]] = [:]
    for (index, tensor) in tensors.enumerated() {
      var prefix = ""
      for component in tensor.name.split(separator: ".").dropLast().prefix(maximumDepth) {
        prefix += "\(component)."
        members[prefix, default: []].append(index)
      }
    }
    var bySignature: [String: [String]] = [:]
    for (prefix, indices) in members where indices.count * 2 <= tensors.count {
      guard indices.count(where: { tensors[$0].isMatrix }) > 1 else { continue }
      let signature = indices.map {
        "\(tensors[$0].name.dropFirst(prefix.count)) \(tensors[$0].shape)"
      }
      .sorted().joined(separator: "\n")
      bySignature[signature, default: []].append(prefix)
    }
    // The largest, and of those that are as large the outermost.
    let candidates = bySignature.values.filter { $0.count > 1 }
      .map { $0.sorted { (members[$0]?.first ?? 0, $0) < (members[$1]?.first ?? 0, $1) } }
      .max {
        let (a, b) = (members[$0[0]]?.count ?? 0, members[$1[0]]?.count ?? 0)
        return a != b
          ? a < b
          : ($0[0].utf8.count, $0[0]) > ($1[0].utf8.count, $1[0])
      }
    guard let prefixes = candidates else { return [] }
    let covered = Set(prefixes.flatMap { members[$0] ?? [] })
    let others = tensors.indices.filter { !covered.contains($0) }
    guard others.allSatisfy({ tensors[$0].array.count <= smallCount }) else { return [] }
    return prefixes.map { prefix in
      Network(
        name: String(prefix.dropFirst(shared.count).dropLast()), indices: members[prefix] ?? [],
        prefix: prefix)
    }
  }
}

extension StoredTensor {
  /// Whether it is the weight of a layer rather than a vector of a norm, a bias or a counter.
  var isMatrix: Bool { shape.count > 1 && type.isFloatingPoint && array.count > 16 }
}
