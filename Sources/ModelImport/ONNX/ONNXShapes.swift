internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' operators that move elements, make tensors or read extents.
enum ONNXShapes {
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
      let shape = try known(a, 0)
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
      let strides = HostArray.strides(of: x.shape)
      let places = array.elements.enumerated().filter { $0.element != 0 }.map(\.offset)
      let numbers = strides.indices.flatMap { axis in
        places.map { Double($0 / strides[axis] % x.shape[axis]) }
      }
      return LogicalTensor(
        HostArray(numbers, shape: [x.rank, places.count], element: .integer))
    },
    "Reshape": one { b, a in
      let x = try a.operand(0)
      let target = try a.integers(operand: 1, orAttribute: "shape") ?? []
      let keepsZero = try a.flag("allowzero", nil)
      let shape = try target.enumerated().map { index, extent in
        guard extent == 0, !keepsZero else { return extent }
        guard index < x.rank else { throw Refusal("the shape \(target) for \(x.shape)") }
        return x.shape[index]
      }
      return try b.reshape(x, to: shape)
    },
    "Flatten": one { b, a in
      let x = try a.operand(0)
      let axis = try a.integer("axis", nil) ?? 1
      let place = axis < 0 ? axis + x.rank : axis
      guard (0...x.rank).contains(place) else { throw Refusal("axis \(axis) of \(x.shape)") }
      return try b.reshape(
        x, to: [x.shape[..<place].reduce(1, *), x.shape[place...].reduce(1, *)])
    },
    "Squeeze": one { b, a in
      try b.squeeze(a.operand(0), axes: a.integers(operand: 1, orAttribute: "axes"))
    },
    "Unsqueeze": one { b, a in
      var x = try a.operand(0)
      let axes = try a.integers(operand: 1, orAttribute: "axes") ?? []
      let rank = x.rank + axes.count
      for axis in axes.map({ $0 < 0 ? $0 + rank : $0 }).sorted() {
        x = try b.unsqueeze(x, axis: axis)
      }
      return x
    },
    "Transpose": one { b, a in
      let x = try a.operand(0)
      return try b.permute(x, a.integers("perm", nil) ?? (0..<x.rank).reversed())
    },
    "Expand": one { b, a in
      let x = try a.operand(0)
      return try b.expand(x, to: b.broadcastShape(x.shape, known(a, 1)))
    },
    "Tile": one { try ATenShapes.repeated(&$0, $1.operand(0), known($1, 1)) },
    "Concat": one { b, a in
      try b.concatenate(a.operands(), axis: a.integer("axis", nil) ?? 1)
    },
    "Split": { b, a in
      let x = try a.operand(0)
      let axis = try x.axis(a.integer("axis", nil) ?? 0)
      if let sizes = try a.integers(operand: 1, orAttribute: "split") {
        return try b.split(x, sizes: sizes, axis: axis)
      }
      let parts = try a.integer("num_outputs", nil) ?? a.outputCount
      guard (1...Extents.maximumParts).contains(parts), x.rank > 0 else {
        throw Refusal("\(parts) parts of \(x.shape)")
      }
      return try b.split(x, size: max((x.shape[axis] + parts - 1) / parts, 1), axis: axis)
    },
    "SplitToSequence": { b, a in
      let x = try a.operand(0)
      let axis = try x.axis(a.integer("axis", nil) ?? 0)
      guard let sizes = try a.integers(operand: 1, orAttribute: "split") else {
        let keeps = try a.flag("keepdims", nil, default: true)
        guard x.rank > 0 else { throw Refusal("parts of a number") }
        try Extents.parts(x.shape[axis])
        return try (0..<x.shape[axis]).map {
          keeps
            ? try b.slice(x, axis: axis, start: $0, count: 1)
            : try b.select(x, axis: axis, index: $0)
        }
      }
      return try a.optionalOperand(1)?.rank == 0
        ? b.split(x, size: sizes.first ?? 1, axis: axis) : b.split(x, sizes: sizes, axis: axis)
    },
    "SequenceConstruct": { _, a in try a.operands() },
    "SequenceAt": one { _, a in
      let parts = try a.tensors("", 0)
      guard let index = try a.operand(1).host?.integers?.first,
        (-parts.count..<parts.count).contains(index)
      else { throw Refusal("a part of a list that depends on data") }
      return parts[index < 0 ? index + parts.count : index]
    },
    "ConcatFromSequence": one { b, a in
      let axis = try a.integer("axis", nil) ?? 0
      var parts = try a.tensors("", 0)
      if try a.flag("new_axis", nil) { parts = try parts.map { try b.unsqueeze($0, axis: axis) } }
      return try b.concatenate(parts, axis: axis)
    },
    "Slice": one { b, a in
      var x = try a.operand(0)
      let starts = try a.integers(operand: 1, orAttribute: "starts") ?? []
      let ends = try a.integers(operand: 2, orAttribute: "ends") ?? []
      let axes = try a.integers(operand: 3, orAttribute: "axes") ?? Array(0..<starts.count)
      let steps =
        try a.integers(operand: 4, orAttribute: "steps")
        ?? [Int](repeating: 1, count: starts.count)
      guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count
      else { throw Refusal("slices \(starts) to \(ends)") }
      for index in starts.indices {
        // Backwards, an end far below all elements takes the first one too.
        let end = steps[index] < 0 && ends[index] < -(1 << 31) ? nil : ends[index]
        x = try b.slice(x, axis: axes[index], from: starts[index], to: end, step: steps[index])
      }
      return x
    },
    "Pad": one { b, a in
      let x = try a.operand(0)
      let pads =
        try a.integers(operand: 1, orAttribute: "pads") ?? a.integers("paddings", nil) ?? []
      let axes =
        try a.optionalOperand(3)?.host?.integers?.map { try x.axis($0) } ?? Array(0..<x.rank)
      guard pads.count == 2 * axes.count, axes.count <= x.rank,
        pads.allSatisfy({ (-(1 << 24)..<1 << 24).contains($0) })
      else {
        throw Refusal("padding \(pads) of \(x.shape)")
      }
      var (low, high) = ([Int](repeating: 0, count: x.rank), [Int](repeating: 0, count: x.rank))
      for (index, axis) in axes.enumerated() {
        low[axis] = pads[index]
        high[axis] = pads[index + axes.count]
      }
      switch a.text("mode") ?? "constant" {
      case "constant":
        return try b.pad(
          x, low: low, high: high, value: a.real(operand: 2, orAttribute: "value") ?? 0)
      case "edge": return try b.pad(x, low: low, high: high, mode: "replicate")
      case let mode: return try b.pad(x, low: low, high: high, mode: mode)
      }
    },
    "CenterCropPad": one { b, a in
      var x = try a.operand(0)
      let sizes = try known(a, 1)
      let axes = try a.integers("axes", nil)?.map { try x.axis($0) } ?? Array(0..<x.rank)
      guard axes.count == sizes.count, axes.count <= x.rank,
        sizes.allSatisfy({ (0..<1 << 31).contains($0) })
      else {
        throw Refusal("sizes \(sizes)")
      }
      for (axis, size) in zip(axes, sizes) {
        let extent = x.shape[axis]
        if size <= extent {
          x = try b.slice(x, axis: axis, start: (extent - size) / 2, count: size)
        } else {
          var (low, high) = ([Int](repeating: 0, count: x.rank), [Int](repeating: 0, count: x.rank))
          low[axis] = (size - extent) / 2
          high[axis] = size - extent - low[axis]
          x = try b.pad(x, low: low, high: high)
        }
      }
      return x
    },
    "Gather": one { b, a in
      let (x, indices) = (try a.operand(0), try a.operand(1))
      let axis = try x.axis(a.integer("axis", nil) ?? 0)
      if axis == 0, !x.isSampled, x.rank >= 1, indices.host == nil {
        return try b.embedding(x, indices: indices, padding: nil)
      }
      guard let known = indices.host?.integers else {
        return try b.index(x, [LogicalTensor?](repeating: nil, count: axis) + [indices])
      }
      if axis == 0, x.rank == 2, !x.isSampled { b.note(x, .embedding) }
      let rows = try b.gather(x, axis: axis, indices: known)
      return try b.reshape(
        rows, to: Array(x.shape[..<axis]) + indices.shape + x.shape[(axis + 1)...])
    },
    "GatherElements": one { b, a in
      try b.gatherElements(
        a.operand(0), axis: a.integer("axis", nil) ?? 0, indices: a.operand(1))
    },
    "GatherND": one { b, a in
      let (x, indices) = (try a.operand(0), try a.operand(1))
      guard try a.integer("batch_dims", nil) ?? 0 == 0, let depth = indices.shape.last,
        (1...max(x.rank, 1)).contains(depth)
      else { throw Refusal("indices with batches of their own") }
      let parts = try (0..<depth).map { try b.select(indices, axis: -1, index: $0) }
      return try b.index(x, parts)
    },
    "ScatterElements": one { b, a in
      let reduction = a.text("reduction") ?? "none"
      guard reduction == "add" else { throw Refusal("scattering with the reduction \(reduction)") }
      return try b.scatterAddElements(
        a.operand(0), axis: a.integer("axis", nil) ?? 0, indices: a.operand(1),
        source: a.operand(2))
    },
    "ScatterND": one { b, a in
      let (x, updates) = (try a.operand(0), try a.operand(2))
      guard let indices = try a.operand(1).host, let depth = indices.shape.last,
        (1...max(x.rank, 1)).contains(depth), let numbers = indices.integers
      else { throw Refusal("scattering by indices that are data") }
      let reduction = a.text("reduction") ?? "none"
      guard reduction == "none" || reduction == "add" else {
        throw Refusal("scattering with the reduction \(reduction)")
      }
      let extents = Array(x.shape[..<depth])
      let strides = HostArray.strides(of: extents)
      let places = try stride(from: 0, to: numbers.count, by: depth).map { start in
        try (0..<depth).reduce(0) { place, axis in
          let index = numbers[start + axis]
          guard (-extents[axis]..<extents[axis]).contains(index) else {
            throw Refusal("an index is outside \(x.shape)")
          }
          return place + (index < 0 ? index + extents[axis] : index) * strides[axis]
        }
      }
      let rest = Array(x.shape[depth...])
      let flat = try b.reshape(x, to: [extents.reduce(1, *)] + rest)
      let rows = try b.reshape(updates, to: [places.count] + rest)
      if reduction == "add" {
        let added = try b.scatter(rows, axis: 0, indices: places, extent: flat.shape[0])
        return try b.reshape(b.add(flat, added), to: x.shape)
      }
      // The last one of equal places counts: all rows behind one another, then each place from there.
      try Extents.known(flat.shape[0])
      var order = Array(0..<flat.shape[0])
      for (row, place) in places.enumerated() { order[place] = flat.shape[0] + row }
      let both = try b.concatenate([flat, rows], axis: 0)
      return try b.reshape(b.gather(both, axis: 0, indices: order), to: x.shape)
    },
    "Trilu": one { b, a in
      let x = try a.operand(0)
      let offset = try a.integers(operand: 1, orAttribute: "k")?.first ?? 0
      let isUpper = try a.flag("upper", nil, default: true)
      guard x.rank >= 2 else { throw Refusal("a triangle of \(x.shape)") }
      let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
      try Extents.known(rows, columns)
      let mask = (0..<rows).flatMap { row in
        (0..<columns).map { (isUpper ? $0 - row >= offset : $0 - row <= offset) ? 1.0 : 0 }
      }
      return try b.select(
        LogicalTensor(HostArray(mask, shape: [rows, columns], element: .boolean)), x,
        b.with(b.number(0), element: x.element))
    },
    "DepthToSpace": one { b, a in
      try b.pixelShuffle(
        a.operand(0), factor: a.integer("blocksize", nil) ?? 1,
        depthFirst: a.text("mode") ?? "DCR" == "DCR")
    },
    "SpaceToDepth": one { b, a in
      try b.pixelUnshuffle(
        a.operand(0), factor: a.integer("blocksize", nil) ?? 1,
        depthFirst: a.text("mode") ?? "DCR" == "DCR")
    },
    "Resize": one { b, a in
      let x = try a.operand(0)
      // Before version 11 the factors were the second operand.
      let scales = try (a.count == 2 ? a.operand(1) : a.optionalOperand(2))?.host?.elements
      return try resized(
        &b, a, x, scales: scales, sizes: a.optionalOperand(3)?.host?.integers, isOld: a.count == 2)
    },
    "Upsample": one { b, a in
      let scales = try a.optionalOperand(1)?.host?.elements ?? a.reals("scales", nil)
      return try resized(&b, a, a.operand(0), scales: scales, sizes: nil, isOld: true)
    },
    "ReverseSequence": one { b, a in
      let x = try a.operand(0)
      let axis = try a.integer("time_axis", nil) ?? 0
      guard let lengths = try a.operand(1).host?.integers,
        lengths.allSatisfy({ $0 == x.shape[axis] })
      else { throw Refusal("sequences of different lengths") }
      return try b.flip(x, axes: [axis])
    },
  ]

  /// Whole numbers of an operand that must be known.
  static func known(_ a: Arguments, _ place: Int) throws -> [Int] {
    guard let numbers = try a.operand(place).host?.integers else {
      throw Refusal("its operand \(place) must be whole numbers that are known")
    }
    return numbers
  }

  private static func resized(
    _ b: inout TensorBuilder, _ a: Arguments, _ x: LogicalTensor, scales: [Double]?,
    sizes: [Int]?, isOld: Bool
  ) throws -> LogicalTensor {
    let axes = try a.integers("axes", nil)?.map { try x.axis($0) } ?? Array(0..<x.rank)
    let scales = scales.flatMap { $0.isEmpty ? nil : $0 }
    guard (scales?.count ?? axes.count) == axes.count, (sizes?.count ?? axes.count) == axes.count,
      scales != nil || sizes != nil,
      scales?.allSatisfy({ $0 > 0x1p-20 && $0 < 0x1p20 }) ?? true
    else { throw Refusal("an unknown size") }
    guard a.text("keep_aspect_ratio_policy") ?? "stretch" == "stretch",
      try !a.flag("exclude_outside", nil), try !a.flag("antialias", nil)
    else { throw Refusal("resizing by other rules than stretching") }
    let coordinates: TensorBuilder.Coordinates
    switch a.text("coordinate_transformation_mode") ?? (isOld ? "asymmetric" : "half_pixel") {
    case "half_pixel": coordinates = .halfPixel
    case "pytorch_half_pixel": coordinates = .pytorchHalfPixel
    case "align_corners": coordinates = .alignedCorners
    case "asymmetric": coordinates = .asymmetric
    case let other: throw Refusal("resizing with the coordinates \(other)")
    }
    let rule: TensorBuilder.NearestRule
    switch a.text("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor") {
    case "round_prefer_floor": rule = .roundHalfDown
    case "round_prefer_ceil": rule = .roundHalfUp
    case "floor": rule = .floor
    case "ceil": rule = .ceiling
    case let other: throw Refusal("the nearest pixel by \(other)")
    }
    var result = x
    for (index, axis) in axes.enumerated() {
      let extent =
        sizes.map { $0[index] }
        ?? scales.map { Int((Double(x.shape[axis]) * $0[index]).rounded(.down)) } ?? x.shape[axis]
      if extent == x.shape[axis], scales.map({ $0[index] == 1 }) ?? true { continue }
      let scale = scales.map { $0[index] }
      switch a.text("mode") ?? "nearest" {
      case "nearest":
        result = try b.resizeNearest(
          result, axis: axis, to: extent, scale: scale, coordinates, rule)
      case "linear", "bilinear":
        result = try b.resizeLinear(result, axis: axis, to: extent, scale: scale, coordinates)
      case "cubic":
        result = try b.resizeCubic(
          result, axis: axis, to: extent, scale: scale, coordinates,
          a: a.real("cubic_coeff_a", nil) ?? -0.75)
      case let other: throw Refusal("resizing by \(other)")
      }
    }
    return result
  }
}
