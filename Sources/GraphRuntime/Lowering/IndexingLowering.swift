internal import ComputationGraph

extension Lowering {
  /// Slices by indices that are data.
  mutating func lowerTake(_ value: Value, _ p: Take) throws {
    let node = graph[value]
    let source = try tensor(node.inputs[0], in: .plain)
    let indices = try tensor(node.inputs[1], in: .plain)
    let target = allocate(value, layout: .plain)
    let dimensions = graph.shape(of: node.inputs[0]).dimensions
    let count = graph.shape(of: node.inputs[1]).count
    let perBlock = graph.shape(of: node.inputs[1]).dimensions.dropFirst(p.batchAxes).reduce(1, *)
    let extent = dimensions[p.batchAxes]
    let width = dimensions.dropFirst(p.batchAxes + 1).reduce(1, *)
    let division = division(value)
    let rows = division == .perChunk ? count / batch : count
    add(
      Step(
        stage: stageOf(value), reads: [source, indices], writes: [target], label: "take",
        make: { place in
          TakeKernel(
            division: division,
            slices: IndexedSlices(
              indices: place(indices), perBlock: perBlock, extent: extent, width: width),
            source: place(source), target: place(target), rows: rows,
            missing: p.outside == .zero ? 0 : .nan)
        }))
    store(value, as: target)
  }

  /// Slices added up at indices that are data; a sum over samples is not divided, since every chunk
  /// would need a table of its own.
  ///
  /// - Parameters:
  ///   - value: The slices.
  ///   - p: Where they go.
  ///   - base: What they are added to; nil for zeros.
  ///   - result: The sum.
  /// - Throws: `PlanError` where an operand has no memory.
  mutating func lowerScatterAdd(
    _ value: Value, _ p: ScatterAdd, to base: Value? = nil, result: Value
  ) throws {
    let node = graph[value]
    let source = try tensor(node.inputs[0], in: .plain)
    let indices = try tensor(node.inputs[1], in: .plain)
    let start = try base.map { try tensor($0, in: .plain) }
    let target = allocate(result, layout: .plain)
    let dimensions = graph.shape(of: node.inputs[1]).dimensions
    let width = graph.shape(of: node.inputs[0]).dimensions.dropFirst(dimensions.count).reduce(1, *)
    let count = dimensions.prefix(p.batchAxes).reduce(1, *)
    let perBlock = dimensions.dropFirst(p.batchAxes).reduce(1, *)
    let division = division(value)
    let blocks = division == .perChunk ? count / batch : count
    add(
      Step(
        stage: stageOf(result), reads: [source, indices] + [start].compactMap(\.self),
        writes: [target], inPlace: [start].compactMap(\.self), label: "scatter-add",
        make: { place in
          ScatterAddKernel(
            division: division,
            slices: IndexedSlices(
              indices: place(indices), perBlock: perBlock, extent: p.extent, width: width),
            source: place(source), target: place(target), base: start.map(place), blocks: blocks)
        }))
    store(result, as: target)
  }
}
