/// The stack machine of a pickle, working on indices into a table of nodes.
struct PickleMachine {
  /// More values than any data set or checkpoint holds; bounds memory for hostile input.
  static let maximumNodes = 1 << 23

  var reader: ByteReader
  private(set) var nodes: [PickleNode] = []
  private let globals: PickleGlobalPolicy
  private var stack: [Int32] = []
  /// The heights of the stack at the open marks.
  private var marks: [Int] = []
  private var memo: [Int: Int32] = [:]

  init(_ reader: ByteReader, globals: PickleGlobalPolicy) {
    self.reader = reader
    self.globals = globals
  }

  /// Runs to the STOP opcode and returns the index of the result.
  mutating func run() throws(FileFormatError) -> Int32 {
    while true {
      let code = try reader.byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw Pickle.malformed(
          "has the unknown opcode 0x\(String(code, radix: 16)) at offset \(reader.position - 1)")
      }
      if opcode == .stop { return try pop() }
      try execute(opcode)
    }
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(FileFormatError) {
    switch opcode {
    case .stop: break
    case .mark: marks.append(stack.count)
    case .pop: if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .duplicate: stack.append(try top())
    case .protocolVersion: try checkProtocol()
    case .frame: try reader.skip(8)

    case .none: try push(.none)
    case .newTrue: try push(.boolean(true))
    case .newFalse: try push(.boolean(false))
    case .integer, .long, .float, .string, .unicode:
      try push(try PickleText.value(opcode, try reader.line()))
    case .binaryInteger: try push(.integer(Int(try reader.integer(Int32.self))))
    case .binaryInteger1: try push(.integer(Int(try reader.byte())))
    case .binaryInteger2: try push(.integer(Int(try reader.integer(UInt16.self))))
    case .long1: try push(PickleText.integer(try reader.bytes(Int(try reader.byte()))))
    case .long4:
      try push(PickleText.integer(try reader.bytes(Int(try reader.integer(Int32.self)))))
    case .binaryFloat:
      try push(.float(Double(bitPattern: try reader.integer(UInt64.self, .big))))

    case .binaryString, .shortBinaryString, .binaryBytes, .shortBinaryBytes, .binaryBytes8,
      .byteArray8:
      try push(.bytes(try reader.bytes(try length(opcode))))
    case .binaryUnicode, .shortBinaryUnicode, .binaryUnicode8:
      try push(.string(try utf8(try reader.bytes(try length(opcode)))))

    case .emptyList: try push(PickleNode(kind: .list))
    case .emptyTuple: try push(PickleNode(kind: .tuple))
    case .emptyDictionary: try push(PickleNode(kind: .dictionary))
    case .emptySet: try push(PickleNode(kind: .set))
    case .list: try push(PickleNode(kind: .list, items: try popToMark()))
    case .tuple: try push(PickleNode(kind: .tuple, items: try popToMark()))
    case .frozenSet: try push(PickleNode(kind: .set, items: try popToMark()))
    case .dictionary:
      try push(PickleNode(kind: .dictionary, pairs: try evenPairs(try popToMark())))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)

    case .append: try addItems([try pop()])
    case .appends, .addItems: try addItems(try popToMark())
    case .setItem:
      let value = try pop()
      try addPairs([try pop(), value])
    case .setItems: try addPairs(try evenPairs(try popToMark()))

    case .get: try recall(try textIndex())
    case .binaryGet: try recall(Int(try reader.byte()))
    case .longBinaryGet: try recall(Int(try reader.integer(UInt32.self)))
    case .put: memo[try textIndex()] = try top()
    case .binaryPut: memo[Int(try reader.byte())] = try top()
    case .longBinaryPut: memo[Int(try reader.integer(UInt32.self))] = try top()
    case .memoize: memo[memo.count] = try top()

    case .global: try push(.global(try globalFromLines()))
    case .stackGlobal: try pushStackGlobal()
    case .reduce, .newObject:
      let arguments = try pop()
      try pushCall(of: try pop(), arguments: arguments)
    case .newObjectWithKeywords:
      // No class whose objects are read is made with keywords.
      _ = try pop()
      let arguments = try pop()
      try pushCall(of: try pop(), arguments: arguments)
    case .object: try pushMarkedObject()
    case .instance: try pushInstance()
    case .build:
      let state = try pop()
      nodes[Int(try top())].state = state

    case .persistentIdentifier:
      let identifier = try utf8(try reader.line())
      try push(.string(identifier))
      try pushPersistent()
    case .binaryPersistentIdentifier: try pushPersistent()

    case .extension1, .extension2, .extension4:
      throw FileFormatError(
        .unsupported, format: Pickle.format,
        "uses the extension registry at offset \(reader.position - 1)")
    case .nextBuffer, .readOnlyBuffer:
      throw FileFormatError(
        .unsupported, format: Pickle.format, "keeps data in buffers outside the file")
    }
  }

  // MARK: - Stack

  private mutating func push(_ node: PickleNode) throws(FileFormatError) {
    guard nodes.count < Self.maximumNodes else {
      throw FileFormatError(
        .tooLarge, format: Pickle.format, "holds more than \(Self.maximumNodes) values")
    }
    stack.append(Int32(nodes.count))
    nodes.append(node)
  }

  private mutating func push(_ value: PickleValue) throws(FileFormatError) {
    try push(PickleNode(kind: .leaf(value)))
  }

  private func top() throws(FileFormatError) -> Int32 {
    guard stack.count > marks.last ?? 0, let index = stack.last else { throw underflow() }
    return index
  }

  private mutating func pop() throws(FileFormatError) -> Int32 {
    let index = try top()
    stack.removeLast()
    return index
  }

  private mutating func popToMark() throws(FileFormatError) -> [Int32] {
    guard let mark = marks.popLast() else { throw underflow() }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private func underflow() -> FileFormatError {
    Pickle.malformed("takes a value that is not there, before offset \(reader.position)")
  }

  private mutating func recall(_ index: Int) throws(FileFormatError) {
    guard let node = memo[index] else {
      throw Pickle.malformed(
        "recalls value \(index), which it has not stored, before offset \(reader.position)")
    }
    // The limit on nodes must also bound a stack that grows without new nodes.
    guard stack.count < Self.maximumNodes else { throw Pickle.malformed("overflows its stack") }
    stack.append(node)
  }

  // MARK: - Containers

  private mutating func pushTuple(_ count: Int) throws(FileFormatError) {
    var items: [Int32] = []
    for _ in 0..<count { items.append(try pop()) }
    try push(PickleNode(kind: .tuple, items: items.reversed()))
  }

  private mutating func addItems(_ items: [Int32]) throws(FileFormatError) {
    let target = Int(try top())
    switch nodes[target].kind {
    case .list, .set, .object: nodes[target].items += items
    default: throw Pickle.malformed("appends to a value that is no list")
    }
  }

  private mutating func addPairs(_ pairs: [Int32]) throws(FileFormatError) {
    let target = Int(try top())
    switch nodes[target].kind {
    case .dictionary, .object: nodes[target].pairs += pairs
    default: throw Pickle.malformed("stores under a key of a value that is no dictionary")
    }
  }

  private func evenPairs(_ items: [Int32]) throws(FileFormatError) -> [Int32] {
    guard items.count.isMultiple(of: 2) else {
      throw Pickle.malformed("has a key without a value before offset \(reader.position)")
    }
    return items
  }

  // MARK: - Globals and calls

  private func checked(_ global: PickleGlobal) throws(FileFormatError) -> PickleGlobal {
    guard globals(global) != .refused else {
      throw FileFormatError(
        .refusedGlobal(global.description), format: Pickle.format,
        "names \(quoted(global.description)), which is not needed to read tensors; it was not run")
    }
    return global
  }

  private mutating func globalFromLines() throws(FileFormatError) -> PickleGlobal {
    let module = try utf8(try reader.line())
    return try checked(PickleGlobal(module, try utf8(try reader.line())))
  }

  private mutating func pushStackGlobal() throws(FileFormatError) {
    let name = nodes[Int(try pop())].kind
    let module = nodes[Int(try pop())].kind
    guard case .leaf(.string(let moduleName)) = module, case .leaf(.string(let globalName)) = name
    else {
      throw Pickle.malformed("names a global by something else than text")
    }
    try push(.global(try checked(PickleGlobal(moduleName, globalName))))
  }

  private mutating func pushCall(
    of callable: Int32, arguments: Int32
  ) throws(FileFormatError) {
    switch nodes[Int(callable)].kind {
    case .leaf(.global(let global)):
      try push(PickleNode(kind: .object(global), arguments: arguments))
    case .persistent:
      // A class that the writer replaced by a reference, as PyTorch does to keep its source.
      let reference = nodes[Int(callable)].arguments
      guard let global = nodes[Int(reference)].items.lazy.compactMap(globalName).first else {
        fallthrough
      }
      try push(PickleNode(kind: .object(global), arguments: arguments, reference: reference))
    default:
      throw Pickle.malformed("calls a value that is no name, before offset \(reader.position)")
    }
  }

  private func globalName(_ index: Int32) -> PickleGlobal? {
    if case .leaf(.global(let global)) = nodes[Int(index)].kind { global } else { nil }
  }

  private mutating func pushMarkedObject() throws(FileFormatError) {
    let items = try popToMark()
    guard let callable = items.first else { throw underflow() }
    try pushCall(of: callable, arguments: try tuple(Array(items.dropFirst())))
  }

  private mutating func pushInstance() throws(FileFormatError) {
    let arguments = try tuple(try popToMark())
    try push(.global(try globalFromLines()))
    try pushCall(of: try pop(), arguments: arguments)
  }

  private mutating func tuple(_ items: [Int32]) throws(FileFormatError) -> Int32 {
    try push(PickleNode(kind: .tuple, items: items))
    return try pop()
  }

  private mutating func pushPersistent() throws(FileFormatError) {
    let identifier = try pop()
    try push(PickleNode(kind: .persistent, arguments: identifier))
  }

  // MARK: - Operands

  private mutating func checkProtocol() throws(FileFormatError) {
    let version = try reader.byte()
    guard version <= 5 else {
      throw FileFormatError(
        .unsupported, format: Pickle.format, "has protocol version \(version)")
    }
  }

  private mutating func length(_ opcode: PickleOpcode) throws(FileFormatError) -> Int {
    switch opcode {
    case .shortBinaryString, .shortBinaryBytes, .shortBinaryUnicode: Int(try reader.byte())
    case .binaryString: Int(try reader.integer(Int32.self))
    case .binaryBytes8, .byteArray8, .binaryUnicode8: try reader.length64()
    default: Int(try reader.integer(UInt32.self))
    }
  }

  private mutating func textIndex() throws(FileFormatError) -> Int {
    let text = String(decoding: try reader.line(), as: UTF8.self)
    guard let index = Int(text) else {
      throw Pickle.malformed("has the memo index \(quoted(text))")
    }
    return index
  }

  private func utf8(_ bytes: ArraySlice<UInt8>) throws(FileFormatError) -> String {
    // Python writes lone surrogates with "surrogatepass"; names and keys never contain them.
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Pickle.malformed("holds text that is not UTF-8 before offset \(reader.position)")
    }
    return text
  }
}
