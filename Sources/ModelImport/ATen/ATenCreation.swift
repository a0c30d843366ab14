internal import ComputationGraph
internal import Foundation

/// Rules of PyTorch's operators that make tensors, or read extents.
enum ATenCreation {
  static let rules: [String: Rule] = [
    "arange": one { b, a in
      // `arange(end)`, `arange(start, end)`, `arange(start, end, step)`.
      let hasStart = a.has("start") || a.count >= 2
      let start = hasStart ? try a.real("start", 0) ?? 0 : 0
      let end = try a.real("end", hasStart ? 1 : 0) ?? 0
      let step = try a.real("step", 2) ?? 1
      guard step != 0, start.isFinite, end.isFinite else { throw Refusal("a range by \(step)") }
      let count = max(((end - start) / step).rounded(.up), 0)
      guard count <= Double(Extents.maximumKnown) else {
        throw Refusal("a range of \(count) numbers")
      }
      let numbers = (0..<Int(count)).map { start + Double($0) * step }
      let isWhole = [start, end, step].allSatisfy { $0 == $0.rounded() }
      return LogicalTensor(
        HostArray(
          numbers, shape: [numbers.count],
          element: kind(a) ?? (isWhole ? .integer : .real)))
    },
    "linspace": one { b, a in
      guard let start = try a.real("start", 0), let end = try a.real("end", 1),
        let count = try a.integer("steps", 2), (0...Extents.maximumKnown).contains(count)
      else { throw Refusal("numbers between unknown ends") }
      let numbers = (0..<count).map {
        count == 1 ? start : start + (end - start) * Double($0) / Double(count - 1)
      }
      return LogicalTensor(HostArray(numbers, shape: [count], element: .real))
    },
    "zeros": one { _, a in try filled(0, a.integers("size", 0), a) },
    "ones": one { _, a in try filled(1, a.integers("size", 0), a) },
    "empty": one { _, a in try filled(0, a.integers("size", 0), a) },
    "full": one { _, a in try filled(a.real("fill_value", 1), a.integers("size", 0), a) },
    "scalar_tensor": one { _, a in try filled(a.real("s", 0), [], a) },
    "new_zeros": one { _, a in try filled(0, a.integers("size", 1), a, like: a.input()) },
    "new_ones": one { _, a in try filled(1, a.integers("size", 1), a, like: a.input()) },
    "new_empty": one { _, a in try filled(0, a.integers("size", 1), a, like: a.input()) },
    "new_full": one { _, a in
      try filled(a.real("fill_value", 2), a.integers("size", 1), a, like: a.input())
    },
    "zeros_like": one { _, a in try filled(0, a.input().shape, a, like: a.input()) },
    "ones_like": one { _, a in try filled(1, a.input().shape, a, like: a.input()) },
    "empty_like": one { _, a in try filled(0, a.input().shape, a, like: a.input()) },
    "full_like": one { _, a in
      try filled(a.real("fill_value", 1), a.input().shape, a, like: a.input())
    },
    "fill": one { b, a in
      let x = try a.input()
      return try b.expand(b.with(a.tensor("value", 1), element: x.element), to: x.shape)
    },
    "zero": one { b, a in
      let x = try a.input()
      return try filled(0, x.shape, a, like: x)
    },
    "copy": one { b, a in
      let x = try a.input()
      return try b.expand(b.with(a.tensor("src", 1), element: x.element), to: x.shape)
    },
    "eye": one { _, a in
      guard let rows = try a.integer("n", 0), (0..<1 << 13).contains(rows) else {
        throw Refusal("a unit matrix of unknown size")
      }
      let columns = try a.integer("m", 1) ?? rows
      guard (0..<1 << 13).contains(columns) else { throw Refusal("a unit matrix") }
      let numbers = (0..<rows).flatMap { row in (0..<columns).map { row == $0 ? 1.0 : 0 } }
      return LogicalTensor(HostArray(numbers, shape: [rows, columns], element: kind(a) ?? .real))
    },
    "tril_indices": one { _, a in try triangle(a) { $1 - $0 <= $2 } },
    "triu_indices": one { _, a in try triangle(a) { $1 - $0 >= $2 } },
    "one_hot": one { b, a in
      let x = try a.input()
      guard let count = try a.integer("num_classes", 1),
        (1...Extents.maximumKnown).contains(count)
      else {
        throw Refusal("one-hot vectors of as many classes as the data have")
      }
      let classes = LogicalTensor(HostArray(integers: Array(0..<count)))
      return b.with(try b.isEqual(b.unsqueeze(x, axis: -1), classes), element: .integer)
    },

    // Extents of one sample are known.
    "sym_size": one { _, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      guard x.rank > 0 else { throw Refusal("an extent of a number") }
      return LogicalTensor(HostArray(Double(x.shape[axis]), element: .integer))
    },
    "sym_numel": one { _, a in
      LogicalTensor(HostArray(Double(try a.input().count), element: .integer))
    },
    "numel": one { _, a in
      LogicalTensor(HostArray(Double(try a.input().count), element: .integer))
    },
    "item": one { _, a in
      let x = try a.input()
      guard x.scalar != nil else { throw Refusal("a number taken out of data") }
      return x
    },
    "_local_scalar_dense": one { _, a in
      let x = try a.input()
      guard x.scalar != nil else { throw Refusal("a number taken out of data") }
      return x
    },

    // The same elements.
    "clone": one { b, a in try copied(a.input()) },
    "contiguous": one { _, a in try a.input() },
    "alias": one { _, a in try a.input() },
    "lift_fresh_copy": one { b, a in try copied(a.input()) },
    "lift_fresh": one { b, a in try copied(a.input()) },
    "detach_copy": one { try $0.detach($1.input()) },
    "to": one { b, a in try cast(&b, a) },
    "_to_copy": one { b, a in try cast(&b, a) },
    "type_as": one { b, a in try cast(&b, a.input(), to: a.tensor("other", 1).element) },
    "float": one { b, a in try cast(&b, a.input(), to: .real) },
  ]

  private static func copied(_ x: LogicalTensor) -> LogicalTensor {
    x.host.map { LogicalTensor($0.copy) } ?? x
  }

  private static func kind(_ a: Arguments) -> ProgramElement? {
    a.elementType().flatMap { ProgramElement(elementType: $0) }
  }

  private static func filled(
    _ number: Double?, _ shape: [Int]?, _ a: Arguments, like model: LogicalTensor? = nil
  ) throws -> LogicalTensor {
    guard let number, let shape else { throw Refusal("a tensor of unknown shape") }
    let count = try Extents.count(shape, known: true)
    if let name = a.elementType(), ProgramElement(elementType: name) == nil {
      throw Refusal("numbers of the kind \(name)")
    }
    let element = kind(a) ?? model?.element ?? .real
    return LogicalTensor(
      HostArray(
        [Double](repeating: number, count: count), shape: shape, element: element))
  }

  private static func triangle(
    _ a: Arguments, _ keeps: (Int, Int, Int) -> Bool
  ) throws -> LogicalTensor {
    guard let rows = try a.integer("row", 0), let columns = try a.integer("col", 1),
      (0..<1 << 12).contains(rows), (0..<1 << 12).contains(columns)
    else { throw Refusal("places of a triangle of unknown size") }
    let offset = try a.integer("offset", 2) ?? 0
    var places: [(Int, Int)] = []
    for row in 0..<rows {
      for column in 0..<columns where keeps(row, column, offset) { places.append((row, column)) }
    }
    return LogicalTensor(
      HostArray(
        places.map { Double($0.0) } + places.map { Double($0.1) }, shape: [2, places.count],
        element: .integer))
  }

  private static func cast(_ b: inout TensorBuilder, _ a: Arguments) throws -> LogicalTensor {
    let x = try a.input()
    if let name = a.anyElementType() {
      guard let element = ProgramElement(elementType: name) else {
        throw Refusal("numbers of the kind \(name)")
      }
      return try cast(&b, x, to: element)
    }
    // `to(other)` takes the kind of another tensor; `to(device)` changes nothing.
    guard let other = try? a.optionalTensor("other", 1), other.rank > 0 || other.host == nil else {
      return x
    }
    return try cast(&b, x, to: other.element)
  }

  /// The same numbers as numbers of another kind.
  static func cast(
    _ b: inout TensorBuilder, _ x: LogicalTensor, to element: ProgramElement
  ) throws -> LogicalTensor {
    switch element {
    case .boolean: return try b.boolean(x)
    case .real: return b.with(x, element: .real)
    case .integer:
      if x.element != .real { return b.with(x, element: .integer) }
      guard x.host != nil else { throw Refusal("data rounded to whole numbers") }
      return try b.map(
        x, element: .integer, host: { $0.rounded(.towardZero) },
        graph: { (_, x) throws(ShapeError) in x })
    }
  }
}
