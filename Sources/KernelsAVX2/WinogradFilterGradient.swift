internal import NumericKernels

extension WinogradConvolution {
  /// ``WinogradKernels/filterGradient(_:images:terms:into:accumulates:scratch:)``.
  func filterGradient(
    images: Int, terms: [GradientTerm], into gradient: UnsafeMutablePointer<Float>,
    accumulates: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let plan = WinogradFilterGradientPlan(self, images: images, terms: terms.count)
    let patch = UnsafeMutableRawPointer(scratch + plan.patchOffset)
      .assumingMemoryBound(to: ChannelBlock.self)
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
    _ patch: UnsafeMutablePointer<ChannelBlock>
  ) {
    let tiles = perTerm * terms.count
    var first = 0
    while first < tiles {
      let count = min(plan.tiles, tiles - first)
      gather(
        terms, phase, perTerm: perTerm, firstTile: first, count: count, scratch, plan, patch)
      let isLast = first + count == tiles
      var output = 0
      while output < outputPanels {
        let panels = min(MatrixProducts.panelsAtOnce, outputPanels - output)
        for input in 0..<inputPanels {
          let sums =
            scratch + plan.sumsOffset
            + (plan.keepsSums ? (output * inputPanels + input) * plan.sumsStride : 0)
          multiply(
            firstOutput: output, panels: panels, input: input, phase, tiles: count, scratch, plan,
            into: sums, accumulates: first > 0)
          guard isLast else { continue }
          for inner in 0..<panels {
            scatter(
              sums + inner * plan.panelStride, output: output + inner, input: input, phase,
              into: gradient, accumulates: accumulates)
          }
        }
        output += panels
      }
      first += count
    }
  }

  /// Transforms the patches and output gradients of a run of tiles, which may span several terms.
  private func gather(
    _ terms: [GradientTerm], _ phase: WinogradPhase, perTerm: Int, firstTile: Int, count: Int,
    _ scratch: UnsafeMutablePointer<Float>, _ plan: WinogradFilterGradientPlan,
    _ patch: UnsafeMutablePointer<ChannelBlock>
  ) {
    var done = 0
    while done < count {
      let term = terms[(firstTile + done) / perTerm]
      let first = (firstTile + done) % perTerm
      let run = min(count - done, perTerm - first)
      gatherInput(
        term.input, phase: phase, firstTile: first, count: run, to: scratch + done * 16,
        tileStride: 16, panelStride: plan.panelCount, positionStride: plan.inputStride, patch: patch
      )
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
    _ patch: UnsafeMutablePointer<ChannelBlock>
  ) {
    let blocks = outputChannels / ChannelBlock.scalarCount
    let source = UnsafeRawPointer(gradient).assumingMemoryBound(to: ChannelBlock.self)
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: ChannelBlock.self)
    let start = WinogradTileCursor(self, at: firstTile)
    var panel = 0
    while panel < outputPanels {
      var cursor = start
      for tile in 0..<count {
        let column =
          target
          + (panel &* plan.panelCount / ChannelBlock.scalarCount &+ ChannelBlock.perPanel &* tile)
        var part = 0
        while part < ChannelBlock.perPanel {
          let block = ChannelBlock.perPanel &* panel &+ part
          if block < blocks {
            WinogradTiles.transformOutputGradient(
              source + (cursor.image &* blocks &+ block) &* outputPixels, height: outputHeight,
              width: outputWidth, top: 4 &* cursor.row, left: 4 &* cursor.column, work: patch,
              to: column + part, stride: plan.outputStride / ChannelBlock.scalarCount)
          } else {
            for position in 0..<Self.positions {
              column[part &+ position &* (plan.outputStride / ChannelBlock.scalarCount)] = .zero
            }
          }
          part &+= 1
        }
        cursor.advance()
      }
      panel &+= 1
    }
  }

  /// Computes the sums over a group of tiles for sixteen input channels and some panels of sixteen
  /// output channels.
  @inline(never)
  private func multiply(
    firstOutput: Int, panels: Int, input: Int, _ phase: WinogradPhase, tiles: Int,
    _ scratch: UnsafePointer<Float>, _ plan: WinogradFilterGradientPlan,
    into sums: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let left = scratch + input &* plan.panelCount
    let right = scratch + (plan.outputOffset &+ firstOutput &* plan.panelCount)
    let rows = min(16, inputChannels &- 16 &* input)
    for position in 0..<Self.positions where phase.uses(position) {
      let target = sums + position &* WinogradFilterGradientPlan.positionStride
      MatrixProducts.multiply(
        rows: rows, panels: panels,
        .init(
          depth: tiles, a: left + position &* plan.inputStride, rowStride: 1, depthStride: 16,
          b: UnsafeRawPointer(right + position &* plan.outputStride)
            .assumingMemoryBound(to: Lanes.self), nextRight: plan.panelCount / 16,
          c: UnsafeMutableRawPointer(target).assumingMemoryBound(to: Lanes.self),
          nextResult: plan.panelStride / 16, accumulates: accumulates))
    }
  }

  /// Transforms the sums of sixteen input and sixteen output channels back to taps.
  @inline(never)
  private func scatter(
    _ sums: UnsafePointer<Float>, output: Int, input: Int, _ phase: WinogradPhase,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let source = UnsafeRawPointer(sums).assumingMemoryBound(to: ChannelBlock.self)
    let target = UnsafeMutableRawPointer(gradient).assumingMemoryBound(to: ChannelBlock.self)
    for channel in 0..<min(16, inputChannels &- 16 &* input) {
      let first = ChannelBlock.perPanel &* output
      var block = first
      while block < min(first &+ ChannelBlock.perPanel, outputChannels / ChannelBlock.scalarCount) {
        WinogradFilter.inverse(
          source + (ChannelBlock.perPanel &* channel &+ block &- first),
          stride: WinogradFilterGradientPlan.positionStride / ChannelBlock.scalarCount,
          phase: phase,
          to: target + 9 &* (block &* inputChannels &+ 16 &* input &+ channel),
          accumulates: accumulates)
        block &+= 1
      }
    }
  }
}
