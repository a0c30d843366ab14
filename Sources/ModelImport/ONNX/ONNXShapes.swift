internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' operators that move elements, make tensors or read extents.
enum ONNXShapes {
  static let rules: [String: Rule] = [
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
}
