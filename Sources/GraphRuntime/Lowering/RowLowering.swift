internal import ComputationGraph

extension Lowering {
  /// One kernel for a group of operations on rows.
  mutating func lowerRows(_ region: RowRegions.Region) throws {
    guard !region.outputs.isEmpty else { return }
    var program = RowProgram(region)
    for output in region.outputs { program.outputs[output] = allocate(output, layout: .plain) }
    for output in region.outputs { _ = try emit(output, &program) }
    let tiles = program.assignTiles()
    // Without anything that tells rows apart, all numbers are alike.
    let isFlat = program.isFlat
    let width = isFlat ? 1 : region.width
    let rows = region.rows * region.width / width / batch
    let outputs = region.outputs.compactMap { program.outputs[$0] }
    let fixed = program
    add(
      Step(
        stage: .sample, reads: program.reads, writes: outputs, inPlace: program.inPlace,
        label: "\(isFlat ? "elementwise" : "rows")[\(program.instructions.count)]",
        make: { place in
          RowKernel(
            division: .perChunk, slots: fixed.places(tiles.tiles, place),
            isColumn: fixed.slots.map { $0.isColumn && !isFlat },
            loads: fixed.loads.map {
              RowLoad(
                operand: ElementwiseOperand(
                  divisor: $0.repetition.divisor, modulus: $0.repetition.modulus,
                  planeStride: $0.repetition.stride, pattern: nil, buffer: place($0.tensor)),
                slot: $0.slot, isColumn: $0.isColumn)
            }, instructions: fixed.instructions, tiles: tiles.count, rows: rows, width: width)
        }))
    for (value, tensor) in program.outputs { store(value, as: tensor) }
  }

  /// Emits what a value needs, once.
  ///
  /// - Returns: The slot that holds it: a full value, or a column that stands for its repetition.
  private mutating func emit(_ value: Value, _ program: inout RowProgram) throws -> Int {
    let value = fusion.rows.source(of: value)
    if let known = program.emitted[value] { return known }
    let slot: Int
    if fusion.virtual.contains(value) {
      slot = try emitRepeated(value, &program)
    } else if program.members.contains(value) || fusion.rows.isInCacheAlone(value) {
      slot = try emitOperation(value, &program)
    } else {
      let isColumn = graph.shape(of: value).dimensions.last == 1
      slot = program.operand(try tensor(value, in: .plain), isColumn: isColumn)
    }
    program.emitted[value] = slot
    return slot
  }

  private mutating func emitRepeated(_ value: Value, _ program: inout RowProgram) throws -> Int {
    let node = graph[value]
    if case .constant(let p) = node.operation {
      return program.load(
        constant(p.value), .init(modulus: 1, stride: 0), isColumn: true)
    }
    let source = node.inputs[0]
    guard
      let pattern = BroadcastPattern(
        from: graph.shape(of: source), to: node.shape, prefix: max(1, node.shape.rank - 1), block: 1
      )
    else { throw PlanError("internal: \(node.operation) has no pattern") }
    if pattern.plane == .all { return try emit(source, &program) }
    var repetition = RowProgram.Repetition(
      stride: pattern.innerIsOne ? 1 : program.region.width)
    switch pattern.plane {
    case .all: break
    case .one: repetition.modulus = 1
    // Of two leading axes the second one has as many rows as it is long.
    case .first: repetition.divisor = node.shape[1]
    case .second: repetition.modulus = node.shape[1]
    case .some(let divisor, let modulus):
      (repetition.divisor, repetition.modulus) = (divisor, modulus)
    }
    return program.load(
      try tensor(source, in: .plain), repetition, isColumn: pattern.innerIsOne)
  }

  private mutating func emitOperation(_ value: Value, _ program: inout RowProgram) throws -> Int {
    let node = graph[value]
    var arguments: [Int] = []
    for input in node.inputs { arguments.append(try emit(input, &program)) }
    let isFull = graph.shape(of: value).dimensions.last != 1 || program.region.width == 1
    switch node.operation {
    case .reduceSum:
      return program.add(.sum, program.full(arguments[0]), isColumn: true, of: value)
    case .softmax:
      return program.add(.softmax, program.full(arguments[0]), isColumn: false, of: value)
    default: break
    }
    let function = try elementwiseFunction(node.operation)
    let areColumns = arguments.map { program.slots[$0].isColumn }
    let isColumn = areColumns.allSatisfy { $0 }
    if isColumn || !areColumns.contains(true) {
      // A column that stands for a full value is repeated where it is wanted in memory.
      let isOutput = program.outputs[value] != nil && program.members.contains(value)
      let slot = program.add(
        .elementwise(function), arguments[0], arguments.count > 1 ? arguments[1] : nil,
        isColumn: isColumn, of: isColumn && isFull ? nil : value)
      if isColumn && isFull && isOutput {
        return program.add(.spread, slot, isColumn: false, of: value)
      }
      return slot
    }
    switch function {
    case .add, .multiply:
      let (full, column) =
        areColumns[0] ? (arguments[1], arguments[0]) : (arguments[0], arguments[1])
      return program.add(.withColumn(function), full, column, isColumn: false, of: value)
    default:
      let operands = arguments.map { program.full($0) }
      return program.add(
        .elementwise(function), operands[0], operands[1], isColumn: false, of: value)
    }
  }
}
