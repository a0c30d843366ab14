import LinearAlgebra
import ModelImport

/// Changes programs at random, as no exporter would.
struct ProgramMutator {
  private var stream: RandomStream
  /// Names of operators that a node may turn into.
  private let operations: [String]

  init(seed: Int, operations: [String]) {
    stream = RandomStream(seed: 17, label: "program mutator", index: seed)
    self.operations = operations
  }

  /// A copy of a program with one to three changes.
  mutating func mutated(_ program: GraphProgram) -> GraphProgram {
    var program = program
    for _ in 0...stream.integer(below: 3) { change(&program) }
    return program
  }

  private mutating func change(_ program: inout GraphProgram) {
    switch stream.integer(below: 12) {
    case 0: changeTensor(&program)
    case 1: changeInput(&program)
    case 2: changeNodes(&program)
    case 3:
      if case .onnx = program.dialect {
        program.dialect = .onnx(opset: pick([6, 7, 9, 11, 13, 18, 28]) ?? 6)
      }
    default:
      let names = program.nodes.flatMap(\.outputs) + program.tensors.flatMap(\.values)
      changeArgument(&program, names)
    }
  }

  // MARK: - Parts

  private mutating func changeArgument(_ program: inout GraphProgram, _ names: [String]) {
    guard let node = place(in: program.nodes) else { return }
    guard let argument = place(in: program.nodes[node].arguments) else { return }
    switch stream.integer(below: 6) {
    case 0: program.nodes[node].arguments.remove(at: argument)
    case 1:
      if let other = place(in: program.nodes[node].arguments) {
        program.nodes[node].arguments.swapAt(argument, other)
      }
    default:
      let value = program.nodes[node].arguments[argument].value
      program.nodes[node].arguments[argument].value = changed(value, names)
    }
  }

  private mutating func changed(_ value: ArgumentValue, _ names: [String]) -> ArgumentValue {
    if stream.integer(below: 8) == 0 {
      return pick([
        .none, .integer(extreme()), .real(number()), .boolean(true), .text("none"), .list([]),
        .list([.integer(extreme()), .integer(extreme())]), .unsupported("a subgraph"),
        .tensor(.integer, shape: [], elements: [number()]),
        .tensor(.integer, shape: [2], elements: [Double(extreme()), number()]),
      ]) ?? .none
    }
    switch value {
    case .none: return .integer(extreme())
    case .value: return .value(pick(names) ?? "nothing")
    case .integer: return .integer(extreme())
    case .real: return .real(number())
    case .boolean(let flag): return .boolean(!flag)
    case .text:
      return .text(
        pick(["", "same", "SAME_UPPER", "reverse", "ij,jk->ik", "a...,->", "wrap"]) ?? "")
    case .elementType: return .elementType(pick(["bool", "int64", "float32", "complex64"]) ?? "")
    case .tensor(let element, let shape, let elements):
      var (shape, elements) = (shape, elements)
      switch stream.integer(below: 3) {
      case 0: changeShape(&shape)
      case 1: if let index = place(in: elements) { elements[index] = number() }
      default: if let index = place(in: elements) { elements[index] = Double(extreme()) }
      }
      return .tensor(
        pick([element, element, .boolean, .integer, .real]) ?? element, shape: shape,
        elements: elements)
    case .list(var values):
      let index = place(in: values)
      switch (stream.integer(below: 5), index) {
      case (0, let index?): values.remove(at: index)
      case (1, let index?): values.append(values[index])
      case (2, let index?): if let other = place(in: values) { values.swapAt(index, other) }
      case (_, let index?): values[index] = changed(values[index], names)
      case (_, nil): values.append(.integer(extreme()))
      }
      return .list(values)
    case .unsupported: return .none
    }
  }

  private mutating func changeNodes(_ program: inout GraphProgram) {
    guard let node = place(in: program.nodes) else { return }
    switch stream.integer(below: 6) {
    case 0: program.nodes.remove(at: node)
    case 1: program.nodes.insert(program.nodes[node], at: node)
    case 2: if let other = place(in: program.nodes) { program.nodes.swapAt(node, other) }
    case 3:
      program.nodes[node].outputs =
        [
          [], [""], program.nodes[node].outputs + ["more"], program.nodes[node].outputs.reversed(),
        ][stream.integer(below: 4)]
    default: program.nodes[node].operation = pick(operations) ?? ""
    }
  }

  private mutating func changeTensor(_ program: inout GraphProgram) {
    guard let index = place(in: program.tensors) else { return }
    switch stream.integer(below: 5) {
    case 0:
      program.tensors[index].kind = pick([.parameter, .frozen, .buffer, .constant]) ?? .buffer
    case 1: program.tensors[index].elements = pick([nil, [], [number()]]) ?? nil
    case 2: program.tensors[index].element = pick([.real, .integer, .boolean]) ?? .real
    case 3:
      program.tensors[index].kind = .constant
      changeShape(&program.tensors[index].shape)
      let count = program.tensors[index].shape.reduce(1.0) { $0 * Double($1) }
      if count >= 0, count < 4096 {
        program.tensors[index].elements = [Double](repeating: number(), count: Int(count))
      }
    default: changeShape(&program.tensors[index].shape)
    }
  }

  private mutating func changeInput(_ program: inout GraphProgram) {
    guard let index = place(in: program.inputs) else { return }
    if stream.integer(below: 3) == 0 {
      program.inputs[index].element = pick([.real, .integer, .boolean]) ?? .real
      return
    }
    var shape = program.inputs[index].shape.map { $0 ?? -1 }
    changeShape(&shape)
    program.inputs[index].shape = shape.map { $0 == -1 ? nil : $0 }
  }

  private mutating func changeShape(_ shape: inout [Int]) {
    guard let axis = place(in: shape) else {
      shape.append(extreme())
      return
    }
    switch stream.integer(below: 4) {
    case 0: shape.remove(at: axis)
    case 1: shape.insert(1, at: axis)
    default: shape[axis] = extreme()
    }
  }

  // MARK: - Draws

  private mutating func place<Element>(in values: [Element]) -> Int? {
    values.isEmpty ? nil : stream.integer(below: values.count)
  }

  private mutating func pick<Element>(_ values: [Element]) -> Element? {
    place(in: values).map { values[$0] }
  }

  private mutating func extreme() -> Int {
    pick([
      0, 1, 2, 3, 5, 17, -1, -2, -3, 1 << 20, 1 << 31, 1 << 33, -(1 << 33), 1 << 62, .max, .min,
    ]) ?? 0
  }

  private mutating func number() -> Double {
    pick([0, -0.0, 1, -1, 0.5, 3, 1e300, -1e300, 0x1p62, .infinity, -.infinity, .nan, 1e-300]) ?? 0
  }
}
