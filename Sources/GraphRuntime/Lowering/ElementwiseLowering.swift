internal import ComputationGraph

extension Lowering {
  /// One kernel for a value and everything that was folded into it.
  mutating func lowerElementwise(_ root: Value) throws {
    let shape = graph.shape(of: root)
    let layout = layout(of: root)
    var prefix = Self.prefix(root, graph, analysis)
    var sources: [OperandSource] = []
    var instructions: [ElementwiseInstruction] = []
    var emitted: [Value: ElementwiseSource] = [:]
    _ = try emit(root, root: root, layout, prefix, &emitted, &sources, &instructions)
    // Without broadcasts the planes of a sample need not be told apart.
    if sources.allSatisfy({ $0.pattern == nil }) {
      prefix = isSamples(root) ? min(1, shape.rank) : 0
    }
    let registers = Self.assignRegisters(&instructions)
    let outer = shape.dimensions.prefix(prefix).reduce(1, *)
    let inner = shape.count / max(outer, 1)
    let block = layout.block
    // In blocked layout a plane is one block of channels.
    let planeCount = prefix == 2 ? inner * block : inner
    let planes = prefix == 2 ? outer / block : outer
    let division = division(root)
    let perSample = division == .perChunk ? planes / batch : planes
    let channels = prefix == 2 ? shape[1] / block : 1
    let output = allocate(root)
    let reads = sources.map(\.tensor)
    let inPlace = sources.filter { $0.pattern == nil }.map(\.tensor)
    let program = instructions
    let fixedSources = sources
    add(
      Step(
        stage: stageOf(root), reads: reads, writes: [output], inPlace: inPlace,
        label: "elementwise[\(program.count)]",
        make: { place in
          ElementwiseKernel(
            division: division,
            operands: fixedSources.map {
              Self.operand(
                $0, place($0.tensor), planeCount: planeCount, block: block, channels: channels)
            },
            instructions: program, registerCount: registers, output: place(output),
            planes: perSample, planeCount: planeCount)
        }))
    store(root, as: output)
  }

  /// An operand before memory is laid out; without a pattern it has every element.
  private struct OperandSource: Hashable {
    let tensor: TensorID
    let plane: BroadcastPattern.Plane?
    let innerIsOne: Bool
    var pattern: BroadcastPattern.Plane? { plane }
  }

  private static func operand(
    _ source: OperandSource, _ buffer: Buffer, planeCount: Int, block: Int, channels: Int
  ) -> ElementwiseOperand {
    guard let plane = source.plane else {
      return ElementwiseOperand(planeStride: planeCount, pattern: nil, buffer: buffer)
    }
    // [n, c, 1, 1] and [1, c, 1, 1] have `block` numbers per plane, [n, 1, 1, 1] has one.
    let width = plane == .all || plane == .second ? block : 1
    let stride = source.innerIsOne ? width : planeCount
    let pattern = source.innerIsOne ? width : nil
    switch plane {
    case .all:
      return ElementwiseOperand(planeStride: stride, pattern: pattern, buffer: buffer)
    case .one:
      return ElementwiseOperand(
        modulus: 1, planeStride: stride, pattern: pattern, buffer: buffer)
    case .first:
      return ElementwiseOperand(
        divisor: channels, planeStride: stride, pattern: pattern, buffer: buffer)
    case .second:
      return ElementwiseOperand(
        modulus: channels, planeStride: stride, pattern: pattern, buffer: buffer)
    case .some(let divisor, let modulus):
      return ElementwiseOperand(
        divisor: divisor, modulus: modulus, planeStride: stride, pattern: pattern, buffer: buffer)
    }
  }

  /// Emits the instructions of a value, once; returns where its result is.
  private mutating func emit(
    _ value: Value, root: Value, _ layout: TensorLayout, _ prefix: Int,
    _ emitted: inout [Value: ElementwiseSource], _ sources: inout [OperandSource],
    _ instructions: inout [ElementwiseInstruction]
  ) throws -> ElementwiseSource {
    if let known = emitted[value] { return known }
    if value != root && !fusion.inlined.contains(value) {
      return .operand(try operandIndex(value, layout, prefix, &sources))
    }
    let node = graph[value]
    var arguments: [ElementwiseSource] = []
    for input in node.inputs {
      arguments.append(
        try emit(input, root: root, layout, prefix, &emitted, &sources, &instructions))
    }
    let function = try elementwiseFunction(node.operation)
    instructions.append(
      ElementwiseInstruction(
        function: function, first: arguments[0],
        second: arguments.count > 1 ? arguments[1] : nil, register: instructions.count))
    let result = ElementwiseSource.register(instructions.count - 1)
    emitted[value] = result
    return result
  }

  /// What an elementwise operation does to numbers.
  func elementwiseFunction(
    _ operation: Operation
  ) throws -> ElementwiseInstruction.Function {
    switch operation {
    case .add: .add
    case .multiply: .multiply
    case .gate: .gate
    case .affine(let p): .affine(Float(p.scale), Float(p.shift))
    case .unary(let f): .unary(f)
    default: throw PlanError("internal: \(operation) is not elementwise")
    }
  }

  private mutating func operandIndex(
    _ value: Value, _ layout: TensorLayout, _ prefix: Int, _ sources: inout [OperandSource]
  ) throws -> Int {
    let source: OperandSource
    let node = graph[value]
    if fusion.virtual.contains(value), case .broadcast = node.operation,
      let pattern = BroadcastPattern(
        from: graph.shape(of: node.inputs[0]), to: node.shape, prefix: prefix, block: layout.block)
    {
      // A source with the inner axes is walked like the output and needs its layout.
      let id = try tensor(node.inputs[0], in: pattern.innerIsOne ? .plain : layout)
      source = OperandSource(tensor: id, plane: pattern.plane, innerIsOne: pattern.innerIsOne)
    } else if fusion.virtual.contains(value), case .constant(let p) = node.operation {
      source = OperandSource(tensor: constant(p.value), plane: .one, innerIsOne: true)
    } else {
      source = OperandSource(
        tensor: try tensor(materialized(value), in: layout), plane: nil, innerIsOne: false)
    }
    if let known = sources.firstIndex(of: source) { return known }
    sources.append(source)
    return sources.count - 1
  }

  /// Gives memory to a broadcast whose reader was folded into a kernel that walks other planes.
  private mutating func materialized(_ value: Value) throws -> Value {
    if fusion.virtual.contains(value), (try? tensor(value)) == nil { try lowerCopy(value) }
    return value
  }

  mutating func constant(_ number: Double) -> TensorID {
    let target = temporary(.shared, count: 1)
    add(
      Step(
        stage: .shared, reads: [], writes: [target], label: "fill",
        make: { FillKernel(target: $0(target), count: 1, value: Float(number)) }))
    records[target.index].pinned = true
    return target
  }

  /// Gives instructions register tiles by their lifetimes; returns how many there are.
  private static func assignRegisters(_ instructions: inout [ElementwiseInstruction]) -> Int {
    var lastUse = [Int](repeating: -1, count: instructions.count)
    for (number, instruction) in instructions.enumerated() {
      for case .register(let k)? in [instruction.first, instruction.second] { lastUse[k] = number }
    }
    var tile = [Int](repeating: 0, count: instructions.count)
    var free: [Int] = []
    var count = 0
    for number in instructions.indices {
      func renamed(_ source: ElementwiseSource) -> ElementwiseSource {
        if case .register(let k) = source { return .register(tile[k]) }
        return source
      }
      let used = [instructions[number].first, instructions[number].second].compactMap {
        source -> Int? in
        if case .register(let k)? = source, lastUse[k] == number { return k }
        return nil
      }
      instructions[number].first = renamed(instructions[number].first)
      instructions[number].second = instructions[number].second.map(renamed)
      // Tiles are read before they are written, so a result may replace its argument.
      free.append(contentsOf: Set(used).map { tile[$0] }.sorted())
      if let last = free.popLast() {
        tile[number] = last
      } else {
        tile[number] = count
        count += 1
      }
      instructions[number].register = tile[number]
    }
    return count
  }
}
