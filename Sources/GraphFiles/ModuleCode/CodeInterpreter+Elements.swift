internal import ModelImport

/// Elements and parts of values.
extension CodeInterpreter {
  /// `base[index]`.
  func element(of base: CodeValue, at index: CodeValue) throws -> CodeValue {
    switch base {
    case .tensor: return try part(of: base, index)
    case .dictionary(let place):
      guard let value = dictionaries[place][try key(index)] else {
        throw CodeRefusal("a dictionary has no entry \(try text(of: index).prefix(80))")
      }
      return value
    case .module(let module): return try part(of: module, index)
    case .missing(let reason): throw CodeRefusal(reason)
    case .setting: return base
    // `List[int]` in an annotation.
    case .library(let path) where path.hasPrefix("typing.") || path.hasPrefix("builtins."):
      return base
    default: break
    }
    let elements = try elements(of: base)
    if case .slice(let lower, let upper, let step) = index {
      let chosen = try places(lower, upper, step, count: elements.count).map { elements[$0] }
      switch base {
      case .tuple: return try tuple(chosen)
      case .text: return .text(chosen.compactMap(\.text).joined())
      default: return list(chosen)
      }
    }
    return elements[try place(index, count: elements.count)]
  }

  /// `base[index] = value` of a list or dictionary, or into a part of a tensor.
  func setElement(of base: CodeValue, at index: CodeValue, to value: CodeValue) throws {
    switch base {
    case .list(let list): lists[list][try place(index, count: lists[list].count)] = value
    case .dictionary(let place): dictionaries[place][try key(index)] = value
    case .tensor:
      let target = try part(of: base, index)
      let source = try scalarTensor(value)
      _ = try operate("copy_", CodeArguments(positional: [target, source]))
    default: throw CodeRefusal("writes an element of \(base.kind)")
    }
  }

  /// A place as a number from 0 on.
  func place(_ index: CodeValue, count: Int) throws -> Int {
    let place = try integer(of: index)
    guard (-count..<count).contains(place) else {
      throw CodeRefusal("takes element \(place) of \(count)")
    }
    return place < 0 ? place + count : place
  }

  /// The places of a slice.
  func places(
    _ lower: CodeValue, _ upper: CodeValue, _ step: CodeValue, count: Int
  ) throws -> [Int] {
    let step = step.isNone ? 1 : try integer(of: step)
    guard step != 0, step > -(1 << 40), step < 1 << 40 else {
      throw CodeRefusal("a step of \(step)")
    }
    func clamped(_ value: CodeValue, default usual: Int, _ range: ClosedRange<Int>) throws -> Int {
      guard !value.isNone else { return usual }
      let place = try integer(of: value)
      let positive = place < 0 ? max(place, -count - 1) + count : place
      return min(max(positive, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let range = 0...count
      return Array(
        stride(
          from: try clamped(lower, default: 0, range),
          to: try clamped(upper, default: count, range), by: step))
    }
    let range = -1...count - 1
    return Array(
      stride(
        from: try clamped(lower, default: count - 1, range),
        to: try clamped(upper, default: -1, range), by: step))
  }

  // MARK: - Modules

  private func part(of module: CodeModule, _ index: CodeValue) throws -> CodeValue {
    guard try isContainer(module) else { throw CodeRefusal("takes a part of \(module.title)") }
    if let name = index.text {
      guard let child = module.children.last(where: { $0.name == name }) else {
        throw CodeRefusal("\(module.title) has no \(name)")
      }
      return .module(child.module)
    }
    if case .slice(let lower, let upper, let step) = index {
      // A Sequential of some of the parts, which belongs to the same place.
      let result = CodeModule(typeName: module.typeName, type: module.type, path: module.path)
      result.children = try places(lower, upper, step, count: module.children.count).map {
        module.children[$0]
      }
      return .module(result)
    }
    return .module(module.children[try place(index, count: module.children.count)].module)
  }

  // MARK: - Tensors

  /// `x[...]`: numbers, slices, `None` and an ellipsis become views, tensors and lists indices.
  private func part(of tensor: CodeValue, _ index: CodeValue) throws -> CodeValue {
    let parts: [CodeValue]
    if case .tuple(let elements) = index { parts = elements } else { parts = [index] }
    guard case .tensor(let name) = tensor, let rank = tracer.shape(of: name)?.count else {
      throw CodeRefusal("a part of \(tensor.kind)")
    }
    let taken = parts.filter { part in
      if case .ellipsis = part { return false }
      return !part.isNone
    }.count
    guard taken <= rank else { throw CodeRefusal("takes \(taken) indices of \(rank) axes") }
    var result = tensor
    var axis = 0
    var indices: [(axis: Int, index: CodeValue)] = []
    for part in parts {
      switch part {
      case .ellipsis: axis += rank - taken
      case .none:
        result = try operate("unsqueeze", CodeArguments(positional: [result, .integer(axis)]))
        axis += 1
      case .slice(let lower, let upper, let step):
        if !lower.isNone || !upper.isNone || !step.isNone {
          result = try operate(
            "slice",
            CodeArguments(positional: [
              result, .integer(axis), try bound(lower), try bound(upper),
              step.isNone ? .integer(1) : try bound(step),
            ]))
        }
        axis += 1
      case .integer:
        result = try operate("select", CodeArguments(positional: [result, .integer(axis), part]))
      case .tensor(let name)
      where tracer.numbers(of: name)?.count == 1 && tracer.shape(of: name) == []:
        result = try operate(
          "select",
          CodeArguments(positional: [result, .integer(axis), .integer(try integer(of: part))]))
      case .tensor:
        indices.append((axis, part))
        axis += 1
      case .list:
        let numbers = try operate(
          "tensor", CodeArguments(positional: [part, .elementType("int64")]))
        indices.append((axis, numbers))
        axis += 1
      default: throw CodeRefusal("an index that is \(part.kind)")
      }
    }
    guard let last = indices.last else { return result }
    var all = [CodeValue](repeating: .none, count: last.axis + 1)
    for (axis, index) in indices { all[axis] = index }
    return try operate("index", CodeArguments(positional: [result, list(all)]))
  }

  private func bound(_ value: CodeValue) throws -> CodeValue {
    value.isNone ? .none : .integer(try integer(of: value))
  }
}
