internal import ComputationGraph

/// Groups of operations on rows along the last axis that one kernel takes through the cache together:
/// elementwise operations, sums of rows and softmax, with all that they read of each other.
///
/// A norm, its tangent and its gradient are such groups, and so are the masked softmax of attention
/// and activations. Groups grow from value to value along the graph; two may be joined unless a
/// path leads from one to the other through something else. Values of a group get memory only
/// where others read them. What a few elementwise operations make of one tensor that is there anyway
/// (and of columns, one number for each row) is not kept for other groups but computed again.
struct RowRegions {
  /// One group.
  struct Region {
    /// In the order of the graph.
    fileprivate(set) var members: [Value]
    /// Smallest and largest number of a member.
    fileprivate var span: ClosedRange<Int>
    /// All rows, those of all samples.
    let rows: Int
    /// Elements of a row; columns have one.
    fileprivate(set) var width: Int
    /// What all members have in common; see `init`.
    fileprivate let kind: Int
    /// Members that have memory.
    fileprivate(set) var outputs: [Value] = []
  }

  private let graph: Graph
  private let isVirtual: (Value) -> Bool
  private let consumers: [Value: [Value]]
  private(set) var regions: [Region] = []
  /// Number of the region of each node; -1 where it has none.
  private var numbers: [Int]
  private var stored: Set<Value> = []

  /// Largest number of operations that are repeated rather than kept.
  private static let repeatedOperations = 8

  /// No groups.
  init(_ graph: Graph) {
    self.init(
      graph, values: [], kept: [], consumers: [:], isCandidate: { _ in false },
      isVirtual: { _ in false }, kind: { _ in 0 })
  }

  /// Finds the groups.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - values: The values to compute, in order.
  ///   - kept: Values that somebody reads from memory.
  ///   - consumers: By whom each value is read.
  ///   - isCandidate: Whether a value is in rows that belong to samples, lies in memory row by row, and
  ///     is computed by no other kernel.
  ///   - isVirtual: Whether a broadcast or a constant is read through a pattern.
  ///   - kind: What values of a group must have in common.
  /// - Complexity: Linear in the values but for the paths between neighbouring groups.
  init(
    _ graph: Graph, values: [Value], kept: Set<Value>, consumers: [Value: [Value]],
    isCandidate: (Value) -> Bool, isVirtual: @escaping (Value) -> Bool, kind: (Value) -> Int
  ) {
    self.graph = graph
    self.consumers = consumers
    self.isVirtual = isVirtual
    numbers = [Int](repeating: -1, count: graph.nodes.count)
    for value in values where isCandidate(value) {
      let shape = graph.shape(of: value)
      var width = shape[shape.rank - 1]
      var rows = shape.count / max(width, 1)
      if case .reduceSum = graph[value].operation {
        let input = graph.shape(of: graph[value].inputs[0])
        (width, rows) = (input[input.rank - 1], shape.count)
      }
      join(value, rows: rows, width: width, kind: kind(value))
    }
    for index in regions.indices { regions[index].members.sort() }
    findOutputs(kept)
  }

  /// The number of the region that computes a value.
  func region(of value: Value) -> Int? {
    numbers[value.index] < 0 ? nil : numbers[value.index]
  }

  /// Whether a value of a region, or one that is the same in another shape, has no memory.
  func isInCacheAlone(_ value: Value) -> Bool {
    let source = source(of: value)
    return region(of: source) != nil && !stored.contains(source)
  }

  /// Whether a reshape leaves rows as they are.
  private func keepsRows(_ value: Value) -> Bool {
    guard case .reshape = graph[value].operation else { return false }
    let (from, to) = (graph.shape(of: graph[value].inputs[0]), graph.shape(of: value))
    guard let a = from.dimensions.last, let b = to.dimensions.last else { return false }
    return a == b && from.rank >= 2 && to.rank >= 2
  }

  /// The value behind reshapes that leave rows as they are.
  func source(of value: Value) -> Value {
    var value = value
    while keepsRows(value) { value = graph[value].inputs[0] }
    return value
  }

  /// What an operand of a member is read from: behind reshapes, and behind a broadcast through a pattern.
  func operandSource(of value: Value) -> Value {
    let value = source(of: value)
    guard isVirtual(value), case .broadcast = graph[value].operation else { return value }
    return source(of: graph[value].inputs[0])
  }

  // MARK: - Groups

  /// Puts a value into the groups that it reads from, as far as they may become one.
  private mutating func join(_ value: Value, rows: Int, width: Int, kind: Int) {
    var joined: Set<Int> = []
    var common = width
    let inputs = Set(graph[value].inputs.compactMap { region(of: operandSource(of: $0)) })
    for number in inputs.sorted(by: >) {
      let region = regions[number]
      guard region.rows == rows, region.kind == kind,
        region.width == common || region.width == 1 || common == 1,
        mayJoin(joined.union([number]), value)
      else { continue }
      joined.insert(number)
      common = max(common, region.width)
    }
    guard let target = joined.min() else {
      numbers[value.index] = regions.count
      regions.append(
        Region(
          members: [value], span: value.index...value.index, rows: rows, width: width,
          kind: kind))
      return
    }
    for number in joined where number != target {
      for member in regions[number].members { numbers[member.index] = target }
      regions[target].members += regions[number].members
      let lowest = min(regions[target].span.lowerBound, regions[number].span.lowerBound)
      regions[target].span = lowest...value.index
      regions[number].members = []
    }
    regions[target].members.append(value)
    regions[target].span = regions[target].span.lowerBound...value.index
    regions[target].width = common
    numbers[value.index] = target
  }

  /// Whether no path leads out of some groups, taken together with a value, and back into them.
  private func mayJoin(_ joined: Set<Int>, _ value: Value) -> Bool {
    func isInside(_ other: Value) -> Bool {
      other == value || joined.contains(numbers[other.index])
    }
    var bound = joined.map { regions[$0].span.lowerBound }.min() ?? value.index
    // Only through groups with members on both sides a path leads back to a lower number.
    while let lower = regions.lazy.filter({
      !$0.members.isEmpty && $0.span.lowerBound < bound && $0.span.upperBound >= bound
    }).map(\.span.lowerBound).min() {
      bound = lower
    }
    var seen: Set<Int> = []
    var waiting: [Value] = []
    func wait(_ member: Value) {
      for input in graph[member].inputs {
        let source = operandSource(of: input)
        if !isInside(source) { waiting.append(source) }
      }
    }
    for number in joined { regions[number].members.forEach(wait) }
    wait(value)
    while let next = waiting.popLast() {
      if isInside(next) { return false }
      guard next.index >= bound, seen.insert(next.index).inserted else { continue }
      guard let other = region(of: next) else {
        waiting += graph[next].inputs
        continue
      }
      for member in regions[other].members {
        seen.insert(member.index)
        waiting += graph[member].inputs.filter { numbers[$0.index] != other }
      }
    }
    return true
  }

  // MARK: - Memory

  /// Whether a member has one number for each row.
  func isColumn(_ member: Value) -> Bool {
    guard let number = region(of: member) else { return false }
    let shape = graph.shape(of: member)
    return regions[number].width > 1 && shape[shape.rank - 1] == 1
  }

  /// Who reads a value: groups, by their numbers, and others, for whom it must be in memory.
  private func readers(of value: Value, _ kept: Set<Value>) -> (groups: Set<Int>, others: Bool) {
    var groups: Set<Int> = []
    var others = kept.contains(value)
    for user in consumers[value] ?? [] {
      if let number = region(of: user) {
        groups.insert(number)
        continue
      }
      guard keepsRows(user) || isVirtual(user) else {
        others = true
        continue
      }
      let further = readers(of: user, kept)
      others = others || further.others
      // Through a broadcast another group reads other rows.
      let own = region(of: source(of: value))
      if isVirtual(user), further.groups.contains(where: { $0 != own }) { others = true }
      groups.formUnion(further.groups)
    }
    return (groups, others)
  }

  private mutating func findOutputs(_ kept: Set<Value>) {
    var crossing: Set<Value> = []
    let members = regions.indices.flatMap { number in
      regions[number].members.map { (number, $0) }
    }.sorted { $0.1 < $1.1 }
    for (number, member) in members {
      let (groups, others) = readers(of: member, kept)
      if others { stored.insert(member) }
      if groups.contains(where: { $0 != number }) { crossing.insert(member) }
    }
    let anchors = anchors(members.map(\.1))
    for (_, member) in members where crossing.contains(member) {
      store(member, anchors)
    }
    for (number, member) in members where stored.contains(member) {
      regions[number].outputs.append(member)
    }
  }

  /// Gives memory to a value that other groups read, or to what they compute it from.
  private mutating func store(_ value: Value, _ anchors: [Value: Value]) {
    guard region(of: value) != nil, !stored.contains(value) else { return }
    guard !isColumn(value), anchors[value] != value else {
      stored.insert(value)
      return
    }
    for input in graph[value].inputs {
      let source = operandSource(of: input)
      if isVirtual(self.source(of: input)), region(of: source) != nil {
        stored.insert(source)
      } else {
        store(source, anchors)
      }
    }
  }

  /// The only tensor that each full value is a function of; the value itself where there is no such
  /// tensor, or too much to do.
  private func anchors(_ members: [Value]) -> [Value: Value] {
    var anchors: [Value: Value] = [:]
    var costs: [Value: Int] = [:]
    for member in members {
      anchors[member] = member
      costs[member] = 0
      guard !stored.contains(member), !isColumn(member) else { continue }
      switch graph[member].operation {
      case .reduceSum, .softmax: continue
      default: break
      }
      var found: Set<Value> = []
      var cost = 1
      for input in graph[member].inputs {
        let source = operandSource(of: input)
        if isVirtual(self.source(of: input)) || isColumn(source) { continue }
        found.insert(anchors[source] ?? source)
        cost += costs[source] ?? 0
      }
      guard found.count <= 1, cost <= Self.repeatedOperations else { continue }
      guard let only = found.first else { continue }
      anchors[member] = only
      costs[member] = cost
    }
    return anchors
  }
}
