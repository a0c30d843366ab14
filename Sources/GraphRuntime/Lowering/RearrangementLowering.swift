internal import ComputationGraph

extension Lowering {
  /// Another shape for the same elements: no work unless the source is in blocks.
  mutating func lowerReshape(_ value: Value) throws {
    let source = graph[value].inputs[0]
    if fusion.rows.isInCacheAlone(source) { return }
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
        stage: stageOf(value), reads: [plain], writes: [target], rows: rows(value),
        label: "reshape",
        make: { place in
          CopyKernel(
            division: division, source: place(plain), target: place(target),
            targetOffsets: CopyKernel.offsets(shape, layout),
            sourceOffsets: CopyKernel.offsets(shape, .plain))
        }))
    store(value, as: target)
  }

  /// Some indices of one axis; channels of image tensors in blocks have a kernel of their own.
  mutating func lowerGather(_ value: Value, _ p: Gather) throws {
    let source = try tensor(graph[value].inputs[0])
    let from = records[source.index].layout
    let layout = layout(of: value)
    guard p.axis == 1, isSamples(value), from.block > 1, layout == from else {
      try lowerCopy(value)
      return
    }
    let target = allocate(value, layout: layout)
    let shape = graph.shape(of: graph[value].inputs[0])
    let pixels = shape[2] * shape[3]
    let block = layout.block
    // Place of each channel's first pixel within its sample.
    let channels = p.indices.map { $0 / block * pixels * block + $0 % block }
    add(
      Step(
        stage: stageOf(value), reads: [source], writes: [target], rows: rows(value),
        label: "gather",
        make: { place in
          ChannelGatherKernel(
            source: place(source), target: place(target), channels: channels, block: block,
            pixels: pixels, sourceStride: shape[1] * pixels)
        }))
    store(value, as: target)
  }

  /// Elements at some indices of one axis: a copy, unless several are added at one index.
  mutating func lowerScatter(_ value: Value, _ p: Scatter) throws {
    guard Set(p.indices).count < p.indices.count else {
      try lowerCopy(value)
      return
    }
    let source = try tensor(graph[value].inputs[0], in: .plain)
    let target = allocate(value, layout: .plain)
    let shape = graph[value].shape
    let division = division(value)
    let blocks = shape.dimensions.prefix(p.axis).reduce(1, *)
    let width = shape.dimensions.dropFirst(p.axis + 1).reduce(1, *)
    let perSample = division == .perChunk ? blocks / batch : blocks
    add(
      Step(
        stage: stageOf(value), reads: [source], writes: [target], label: "scatter",
        make: { place in
          ScatterKernel(
            division: division, source: place(source), target: place(target), indices: p.indices,
            extent: p.extent, width: width, blocks: perSample)
        }))
    store(value, as: target)
  }

  /// Broadcast, transpose, slice, pad, concatenation, gather and scatter through index tables.
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
      case .gather(let p):
        table = from.indices.map { axis in
          axis == p.axis ? p.indices.map { from[axis][$0] } : from[axis]
        }
      case .scatter(let p):
        table = from.indices.map { axis in
          guard axis == p.axis else { return from[axis] }
          var places = [Int](repeating: -1, count: p.extent)
          for (index, place) in p.indices.enumerated() { places[place] = from[axis][index] }
          return places
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
          stage: stageOf(value), reads: [source], writes: [target], rows: rows(value),
          label: "copy",
          make: { place in
            CopyKernel(
              division: division, source: place(source), target: place(target),
              targetOffsets: offsets, sourceOffsets: table)
          }))
    }
    store(value, as: target)
  }
}
