internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' operators that make tensors, or read extents.
enum ONNXCreation {
  static let rules: [String: Rule] = [
    "Shape": one { _, a in
      let x = try a.operand(0)
      func bound(_ name: String, _ usual: Int) throws -> Int {
        let value = try a.integer(name, nil) ?? usual
        return min(max(value < 0 ? value + x.rank : value, 0), x.rank)
      }
      let (start, end) = (try bound("start", 0), try bound("end", x.rank))
      return LogicalTensor(HostArray(integers: start < end ? Array(x.shape[start..<end]) : []))
    },
    "Size": one { _, a in
      LogicalTensor(HostArray(Double(try a.operand(0).count), element: .integer))
    },
    "Constant": one { _, a in
      for name in ["value", "value_float", "value_int"] {
        if let tensor = try a.optionalTensor(name, nil) { return tensor }
      }
      if let numbers = try a.integers("value_ints", nil) {
        return LogicalTensor(HostArray(integers: numbers))
      }
      if let numbers = try a.reals("value_floats", nil) {
        return LogicalTensor(HostArray(numbers, shape: [numbers.count], element: .real))
      }
      throw Refusal("a constant that is no tensor of numbers")
    },
    "ConstantOfShape": one { b, a in
      let shape = try ONNXShapes.known(a, 0)
      let value = try a.optionalTensor("value", nil) ?? b.number(0)
      return try b.expand(b.reshape(value, to: []), to: shape)
    },
    "Range": one { b, a in
      guard let start = try a.operand(0).scalar, let end = try a.operand(1).scalar,
        let step = try a.operand(2).scalar, step != 0
      else { throw Refusal("a range between unknown ends") }
      let count = max(((end - start) / step).rounded(.up), 0)
      guard count <= Double(Extents.maximumKnown) else {
        throw Refusal("a range of \(count) numbers")
      }
      return LogicalTensor(
        HostArray(
          (0..<Int(count)).map { start + Double($0) * step }, shape: [Int(count)],
          element: try a.operand(0).element))
    },
    "EyeLike": one { b, a in
      let x = try a.operand(0)
      let offset = try a.integer("k", nil) ?? 0
      guard x.rank == 2, x.count < 1 << 26 else { throw Refusal("a unit matrix like \(x.shape)") }
      let numbers = (0..<x.shape[0]).flatMap { row in
        (0..<x.shape[1]).map { $0 - row == offset ? 1.0 : 0 }
      }
      let element = try a.element("dtype") ?? x.element
      return LogicalTensor(HostArray(numbers, shape: x.shape, element: element))
    },
    "OneHot": one { b, a in
      let (x, values) = (try a.operand(0), try a.operand(2))
      guard let depth = try a.operand(1).host?.integers?.first, values.rank == 1, values.count == 2,
        (1...Extents.maximumKnown).contains(depth)
      else { throw Refusal("one-hot vectors of unknown length") }
      let axis = try a.integer("axis", nil) ?? -1
      let place = axis < 0 ? axis + x.rank + 1 : axis
      let classes = LogicalTensor(HostArray(integers: Array(0..<depth)))
      let column = try b.unsqueeze(x, axis: -1)
      let isNegative = try b.isGreater(b.with(b.number(0), element: .integer), column)
      let wrapped = try b.add(column, isNegative, scale: Double(depth))
      let isOn = try b.isEqual(wrapped, classes)
      let off = try b.select(values, axis: 0, index: 0)
      let on = try b.select(values, axis: 0, index: 1)
      let result = try b.select(isOn, on, off)
      var order = Array(0..<x.rank)
      guard (0...x.rank).contains(place) else { throw Refusal("axis \(axis)") }
      order.insert(x.rank, at: place)
      return try b.permute(result, order)
    },
    "NonZero": one { _, a in
      let x = try a.operand(0)
      guard let array = x.host else {
        throw Refusal("the places of what is not zero depend on data")
      }
      let strides = Shape(x.shape).strides
      let places = array.elements.enumerated().filter { $0.element != 0 }.map(\.offset)
      let numbers = strides.indices.flatMap { axis in
        places.map { Double($0 / strides[axis] % x.shape[axis]) }
      }
      return LogicalTensor(
        HostArray(numbers, shape: [x.rank, places.count], element: .integer))
    },
  ]
}
