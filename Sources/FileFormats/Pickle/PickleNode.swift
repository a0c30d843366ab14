/// A value under construction, in a flat table that refers to other values by index.
///
/// Python builds containers first and fills them later, and may refer to a value from several
/// places or from inside itself. Indices make that harmless: filling is in place, nothing is
/// copied, and nothing is freed recursively.
struct PickleNode {
  enum Kind {
    case leaf(PickleValue)
    case list, tuple, dictionary, set
    /// `first` and `second` of the node: the callable and the tuple of arguments.
    case object(PickleGlobal)
    /// `first` of the node: the identifier.
    case persistent
  }

  static let absent: Int32 = -1

  let kind: Kind
  /// The elements of a container, or the items appended to an object.
  var items: [Int32] = []
  /// The keys and values of a dictionary or an object, alternating.
  var pairs: [Int32] = []
  /// The arguments of an object, or the identifier of a persistent reference.
  var arguments = PickleNode.absent
  /// The state given to an object.
  var state = PickleNode.absent
  /// The identifier that stood in place of an object's class.
  var reference = PickleNode.absent
}

/// Turns the table of nodes into a tree of values.
struct PickleTreeBuilder {
  /// Deeper nesting is refused: it would exhaust the stack of whatever walks the tree.
  static let maximumDepth = 200

  private let nodes: [PickleNode]
  private var built: [PickleValue?]
  private var isOpen: [Bool]

  init(_ nodes: [PickleNode]) {
    self.nodes = nodes
    built = Array(repeating: nil, count: nodes.count)
    isOpen = Array(repeating: false, count: nodes.count)
  }

  /// The value of a node; shared nodes are built once and stay shared in the result.
  ///
  /// An object may refer to itself from inside, as a part does to its owner; there it is opaque.
  mutating func value(_ index: Int32, depth: Int = 0) throws(FileFormatError) -> PickleValue {
    let position = Int(index)
    if let value = built[position] { return value }
    guard depth < Self.maximumDepth else {
      throw Pickle.malformed("is nested more than \(Self.maximumDepth) deep")
    }
    guard !isOpen[position] else {
      if case .object(let global) = nodes[position].kind { return .opaque(global) }
      throw Pickle.malformed("holds a value that contains itself")
    }
    isOpen[position] = true
    let value = try build(nodes[position], depth: depth + 1)
    isOpen[position] = false
    built[position] = value
    return value
  }

  private mutating func build(
    _ node: PickleNode, depth: Int
  ) throws(FileFormatError) -> PickleValue {
    switch node.kind {
    case .leaf(let value): return value
    case .list: return .list(try values(node.items, depth))
    case .tuple: return .tuple(try values(node.items, depth))
    case .set: return .set(try values(node.items, depth))
    case .dictionary: return .dictionary(try pairs(node.pairs, depth))
    case .persistent: return .persistent(try value(node.arguments, depth: depth))
    case .object(let callable):
      guard let arguments = try value(node.arguments, depth: depth).elements else {
        throw Pickle.malformed("calls \(quoted(callable.description)) without a tuple")
      }
      let isStandard = StandardType(callable)
      let object = PickleObject(
        callable: callable, arguments: arguments,
        // The state of a plain container (PyTorch's module versions) is never used.
        state: node.state == PickleNode.absent || isStandard != nil
          ? nil : try value(node.state, depth: depth),
        items: try values(node.items, depth), pairs: try pairs(node.pairs, depth),
        reference: node.reference == PickleNode.absent
          ? nil : try value(node.reference, depth: depth))
      guard let isStandard else { return .object(object) }
      guard let value = isStandard.value(object) else {
        throw Pickle.malformed("calls \(quoted(callable.description)) with unusable arguments")
      }
      return value
    }
  }

  private mutating func values(
    _ indices: [Int32], _ depth: Int
  ) throws(FileFormatError) -> [PickleValue] {
    var values: [PickleValue] = []
    values.reserveCapacity(indices.count)
    for index in indices { values.append(try value(index, depth: depth)) }
    return values
  }

  private mutating func pairs(
    _ indices: [Int32], _ depth: Int
  ) throws(FileFormatError) -> [PicklePair] {
    var pairs: [PicklePair] = []
    pairs.reserveCapacity(indices.count / 2)
    for start in stride(from: 0, to: indices.count - 1, by: 2) {
      pairs.append(
        PicklePair(
          key: try value(indices[start], depth: depth),
          value: try value(indices[start + 1], depth: depth)))
    }
    return pairs
  }
}
