internal import WinogradConvolutions

extension WinogradConvolution {
  /// ``WinogradKernels/filterGradient(_:images:terms:into:accumulates:scratch:)``.
  func filterGradient(
    images: Int, terms: [GradientTerm], into gradient: UnsafeMutablePointer<Float>,
    accumulates: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let plan = WinogradFilterGradientPlan(self, images: images, terms: terms.count)
    let patch = UnsafeMutableRawPointer(scratch + plan.patchOffset)
      .assumingMemoryBound(to: Strip.self)
    // Phase by phase: each has taps of its own, and their sums share the memory.
    for phase in inputPhases {
      addTaps(
        of: phase, terms, perTerm: images * tilesPerImage, into: gradient,
        accumulates: accumulates, scratch, plan, patch)
    }
  }

  /// Computes the taps of one phase.
  private func addTaps(
    of phase: WinogradPhase, _ terms: [GradientTerm], perTerm: Int,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool,
    _ scratch: UnsafeMutablePointer<Float>, _ plan: WinogradFilterGradientPlan,
    _ patch: UnsafeMutablePointer<Strip>
  ) {
    let tiles = perTerm * terms.count
    var first = 0
    while first < tiles {
      let count = min(plan.tiles, tiles - first)
      gather(
        terms, phase, perTerm: perTerm, firstTile: first, count: count, scratch, plan, patch)
      let isLast = first + count == tiles
      var output = 0
      while output < outputBlocks {
        let blocks = min(MatrixProducts.blocksAtOnce, outputBlocks - output)
        for input in 0..<inputBlocks {
          let sums =
            scratch + plan.sumsOffset
            + (plan.keepsSums ? (output * inputBlocks + input) * plan.sumsStride : 0)
          multiply(
            firstOutput: output, blocks: blocks, input: input, phase, tiles: count, scratch, plan,
            into: sums, accumulates: first > 0)
          guard isLast else { continue }
          for inner in 0..<blocks {
            scatter(
              sums + inner * plan.blockStride, output: output + inner, input: input, phase,
              into: gradient, accumulates: accumulates)
          }
        }
        output += blocks
      }
      first += count
    }
  }

  /// Transforms the patches and output gradients of a run of tiles, which may span several terms.
  private func gather(
    _ terms: [GradientTerm], _ phase: WinogradPhase, perTerm: Int, firstTile: Int, count: Int,
    _ scratch: UnsafeMutablePointer<Float>, _ plan: WinogradFilterGradientPlan,
    _ patch: UnsafeMutablePointer<Strip>
  ) {
    var done = 0
    while done < count {
      let term = terms[(firstTile + done) / perTerm]
      let first = (firstTile + done) % perTerm
      let run = min(count - done, perTerm - first)
      gatherInput(
        term.input, phase: phase, firstTile: first, count: run, to: scratch + done * 16,
        tileStride: 16, blockStride: plan.panel, positionStride: plan.inputStride, patch: patch)
      gatherOutputGradient(
        term.outputGradient, firstTile: first, count: run,
        to: scratch + plan.outputOffset + done * 16, plan, patch)
      done += run
    }
  }

  @inline(never)
  private func gatherOutputGradient(
    _ gradient: UnsafePointer<Float>, firstTile: Int, count: Int,
    to destination: UnsafeMutablePointer<Float>, _ plan: WinogradFilterGradientPlan,
    _ patch: UnsafeMutablePointer<Strip>
  ) {
    let strips = outputChannels / Strip.scalarCount
    let source = UnsafeRawPointer(gradient).assumingMemoryBound(to: Strip.self)
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: Strip.self)
    let start = WinogradTileCursor(self, at: firstTile)
    var block = 0
    while block < outputBlocks {
      var cursor = start
      for tile in 0..<count {
        let column = target + (block &* plan.panel / Strip.scalarCount &+ Strip.perBlock &* tile)
        var part = 0
        while part < Strip.perBlock {
          let strip = Strip.perBlock &* block &+ part
          if strip < strips {
            WinogradTiles.transformOutputGradient(
              source + (cursor.image &* strips &+ strip) &* outputPixels, height: outputHeight,
              width: outputWidth, top: 4 &* cursor.row, left: 4 &* cursor.column, work: patch,
              to: column + part, stride: plan.outputStride / Strip.scalarCount)
          } else {
            for position in 0..<Self.positions {
              column[part &+ position &* (plan.outputStride / Strip.scalarCount)] = .zero
            }
          }
          part &+= 1
        }
        cursor.advance()
      }
      block &+= 1
    }
  }

  /// Computes the sums over a group of tiles for sixteen input channels and some blocks of sixteen
  /// output channels.
  @inline(never)
  private func multiply(
    firstOutput: Int, blocks: Int, input: Int, _ phase: WinogradPhase, tiles: Int,
    _ scratch: UnsafePointer<Float>, _ plan: WinogradFilterGradientPlan,
    into sums: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let left = scratch + input &* plan.panel
    let right = scratch + (plan.outputOffset &+ firstOutput &* plan.panel)
    let rows = min(16, inputChannels &- 16 &* input)
    for position in 0..<Self.positions where phase.uses(position) {
      let target = sums + position &* WinogradFilterGradientPlan.positionStride
      MatrixProducts.multiply(
        rows: rows, blocks: blocks,
        .init(
          depth: tiles, a: left + position &* plan.inputStride, rowStride: 1, depthStride: 16,
          b: UnsafeRawPointer(right + position &* plan.outputStride)
            .assumingMemoryBound(to: Lanes.self), nextRight: plan.panel / 16,
          c: UnsafeMutableRawPointer(target).assumingMemoryBound(to: Lanes.self),
          nextResult: plan.blockStride / 16, accumulates: accumulates))
    }
  }

  /// Transforms the sums of sixteen input and sixteen output channels back to taps.
  @inline(never)
  private func scatter(
    _ sums: UnsafePointer<Float>, output: Int, input: Int, _ phase: WinogradPhase,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let source = UnsafeRawPointer(sums).assumingMemoryBound(to: Strip.self)
    let target = UnsafeMutableRawPointer(gradient).assumingMemoryBound(to: Strip.self)
    for channel in 0..<min(16, inputChannels &- 16 &* input) {
      let first = Strip.perBlock &* output
      var strip = first
      while strip < min(first &+ Strip.perBlock, outputChannels / Strip.scalarCount) {
        WinogradFilter.inverse(
          source + (Strip.perBlock &* channel &+ strip &- first),
          stride: WinogradFilterGradientPlan.positionStride / Strip.scalarCount, phase: phase,
          to: target + 9 &* (strip &* inputChannels &+ 16 &* input &+ channel),
          accumulates: accumulates)
        strip &+= 1
      }
    }
  }
}
