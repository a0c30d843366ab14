internal import ComputationGraph

extension Lowering {
  /// Another shape for the same elements: no work unless the source is in blocks.
  mutating func lowerReshape(_ value: Value) throws {
    let source = graph[value].inputs[0]
    let plain = try tensor(source, in: .plain)
    let layout = layout(of: value)
    if layout == .plain {
      store(value, as: plain)
      return
    }
    let shape = graph.shape(of: value).dimensions
    let target = allocate(value)
    let division = division(value)
    add(
      Step(
        stage: stageOf(value), reads: [plain], writes: [target], label: "reshape",
        make: { place in
          CopyKernel(
            division: division, source: place(plain), target: place(target),
            targetOffsets: CopyKernel.offsets(shape, layout),
            sourceOffsets: CopyKernel.offsets(shape, .plain))
        }))
    store(value, as: target)
  }

  /// Broadcast, transpose, slice, pad and concatenation through index tables.
  mutating func lowerCopy(_ value: Value) throws {
    let node = graph[value]
    let shape = node.shape
    let target = allocate(value)
    let division = division(value)
    let targetOffsets = CopyKernel.offsets(shape.dimensions, records[target.index].layout)
    var start = 0
    for input in node.inputs {
      let source = try tensor(input)
      let from = CopyKernel.offsets(
        graph.shape(of: input).dimensions, records[source.index].layout)
      var to = targetOffsets
      let table: [[Int]]
      switch node.operation {
      case .broadcast:
        table = (0..<shape.rank).map { axis in
          from[axis].count == shape[axis]
            ? from[axis] : [Int](repeating: 0, count: shape[axis])
        }
      case .transpose(let p): table = p.permutation.map { from[$0] }
      case .slice(let p):
        table = (0..<shape.rank).map { axis in
          (0..<shape[axis]).map { from[axis][p.starts[axis] + $0 * p.strides[axis]] }
        }
      case .pad(let p):
        table = (0..<shape.rank).map { axis in
          (0..<shape[axis]).map { index in
            let step = p.interior[axis] + 1
            let offset = index - p.low[axis]
            guard offset >= 0, offset % step == 0, offset / step < from[axis].count else {
              return -1
            }
            return from[axis][offset / step]
          }
        }
      case .concatenate(let p):
        let extent = graph.shape(of: input)[p.axis]
        to[p.axis] = Array(targetOffsets[p.axis][start..<start + extent])
        start += extent
        table = from
      default: throw PlanError("internal: \(node.operation) is no copy")
      }
      let offsets = to
      add(
        Step(
          stage: stageOf(value), reads: [source], writes: [target], label: "copy",
          make: { place in
            CopyKernel(
              division: division, source: place(source), target: place(target),
              targetOffsets: offsets, sourceOffsets: table)
          }))
    }
    store(value, as: target)
  }
}
