internal import NumericKernels

extension WinogradConvolution {
  /// ``WinogradKernels/forward(_:images:terms:output:epilogue:scratch:)``.
  func forward(
    images: Int, terms: [Term], output: UnsafeMutablePointer<Float>,
    epilogue: ProductEpilogue = ProductEpilogue(), scratch: UnsafeMutablePointer<Float>
  ) {
    let plan = WinogradForwardPlan(self, images: images, terms: terms.count)
    let transformed = scratch
    let products = scratch + plan.productsOffset
    let patch = UnsafeMutableRawPointer(scratch + plan.patchOffset)
      .assumingMemoryBound(to: ChannelBlock.self)
    let tiles = images * tilesPerImage
    let phases = inputPhases.count
    var first = 0
    while first < tiles {
      let count = min(plan.tiles, tiles - first)
      for (index, term) in terms.enumerated() {
        for (number, phase) in inputPhases.enumerated() {
          gatherInput(
            term.input, phase: phase, firstTile: first, count: count,
            to: transformed + (index * phases + number) * inputChannels, tileStride: plan.depth,
            panelStride: 16, positionStride: plan.transformedStride, patch: patch)
        }
      }
      for (number, phase) in outputPhases.enumerated() {
        var panel = 0
        while panel < outputPanels {
          let panels = min(plan.panels, outputPanels - panel)
          if storesTaps {
            multiplyTransforming(
              terms, outputPhase: number, firstPanel: panel, panels: panels, tiles: count,
              transformed, products,
              UnsafeMutableRawPointer(scratch + plan.weightsOffset)
                .assumingMemoryBound(to: Lanes.self), plan)
          } else {
            multiply(
              terms, outputPhase: number, firstPanel: panel, panels: panels, tiles: count,
              transformed, products, plan)
          }
          for inner in 0..<panels {
            scatterOutput(
              products + inner * plan.panelStride, phase: phase,
              positionStride: plan.productsStride, panel: panel + inner, firstTile: first,
              count: count, output: output, epilogue: epilogue, patch: patch)
          }
          panel += panels
        }
      }
      first += count
    }
  }

  /// Multiplies the transformed tiles of a group with the weights of some output panels.
  @inline(never)
  private func multiply(
    _ terms: [Term], outputPhase: Int, firstPanel: Int, panels: Int, tiles: Int,
    _ transformed: UnsafePointer<Float>, _ products: UnsafeMutablePointer<Float>,
    _ plan: WinogradForwardPlan
  ) {
    let panelCount = inputChannels &* 16
    let phaseWeights = outputPanels &* Self.positions &* panelCount
    for position in 0..<Self.positions {
      let left = transformed + position &* plan.transformedStride
      let target = products + position &* plan.productsStride
      var isFirst = true
      for term in terms.indices {
        for number in inputPhases.indices {
          let phase = outputPhases.count > 1 ? outputPhases[outputPhase] : inputPhases[number]
          guard phase.uses(position) else { continue }
          let start = left + (term &* inputPhases.count &+ number) &* inputChannels
          let set = terms[term].weights + max(number, outputPhase) &* phaseWeights
          var k = 0
          while k < inputChannels {
            let depth = min(plan.slice, inputChannels &- k)
            let right = set + ((firstPanel &* Self.positions &+ position) &* panelCount &+ k &* 16)
            MatrixProducts.multiply(
              rows: tiles, panels: panels,
              .init(
                depth: depth, a: start + k, rowStride: plan.depth, depthStride: 1,
                b: UnsafeRawPointer(right).assumingMemoryBound(to: Lanes.self),
                nextRight: Self.positions &* inputChannels,
                c: UnsafeMutableRawPointer(target).assumingMemoryBound(to: Lanes.self),
                nextResult: plan.panelStride / 16, accumulates: !isFirst))
            isFirst = false
            k &+= depth
          }
        }
      }
      if isFirst {
        for inner in 0..<panels {
          (target + inner &* plan.panelStride).update(repeating: 0, count: tiles &* 16)
        }
      }
    }
  }

  /// The same with taps that are transformed for each run of channels.
  @inline(never)
  private func multiplyTransforming(
    _ terms: [Term], outputPhase: Int, firstPanel: Int, panels: Int, tiles: Int,
    _ transformed: UnsafePointer<Float>, _ products: UnsafeMutablePointer<Float>,
    _ weights: UnsafeMutablePointer<Lanes>, _ plan: WinogradForwardPlan
  ) {
    // One bit for each position that has a product.
    var written: UInt64 = 0
    for (index, term) in terms.enumerated() {
      let taps = UnsafeRawPointer(term.weights).assumingMemoryBound(to: Lanes.self)
      for number in inputPhases.indices {
        let phase = filterPhases[max(number, outputPhase)]
        let start = (index &* inputPhases.count &+ number) &* inputChannels
        var k = 0
        while k < inputChannels {
          let depth = min(plan.slice, inputChannels &- k)
          transform(
            taps, phase: phase, panels: firstPanel..<firstPanel &+ panels, channels: k..<k &+ depth,
            to: weights, stride: plan.weightStride, panelStride: plan.weightPanelStride,
            work: weights + plan.panels &* plan.weightPanelStride)
          for position in 0..<Self.positions where phase.uses(position) {
            let target = products + position &* plan.productsStride
            MatrixProducts.multiply(
              rows: tiles, panels: panels,
              .init(
                depth: depth, a: transformed + (position &* plan.transformedStride &+ start &+ k),
                rowStride: plan.depth, depthStride: 1, b: weights + position &* plan.weightStride,
                nextRight: plan.weightPanelStride,
                c: UnsafeMutableRawPointer(target).assumingMemoryBound(to: Lanes.self),
                nextResult: plan.panelStride / 16,
                accumulates: written & 1 << UInt64(position) != 0))
            written |= 1 << UInt64(position)
          }
          k &+= depth
        }
      }
    }
    for position in 0..<Self.positions where written & 1 << UInt64(position) == 0 {
      for inner in 0..<panels {
        (products + (position &* plan.productsStride &+ inner &* plan.panelStride))
          .update(repeating: 0, count: tiles &* 16)
      }
    }
  }

  /// Transforms the input patches of some tiles.
  ///
  /// Channel `c` of tile `t` goes to `(c / 16) * panelStride + t * tileStride + c % 16` of each
  /// position; the blocks of a panel are written one after the other to fill a cache line.
  @inline(never)
  func gatherInput(
    _ input: UnsafePointer<Float>, phase: WinogradPhase, firstTile: Int, count: Int,
    to destination: UnsafeMutablePointer<Float>, tileStride: Int, panelStride: Int,
    positionStride: Int, patch: UnsafeMutablePointer<ChannelBlock>
  ) {
    let blocks = inputChannels / ChannelBlock.scalarCount
    let source =
      UnsafeRawPointer(input).assumingMemoryBound(to: ChannelBlock.self)
      + (phase.row &* inputWidth &+ phase.column)
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: ChannelBlock.self)
    let start = WinogradTileCursor(self, at: firstTile)
    let height = phase.count(from: phase.row, of: inputHeight)
    let width = phase.count(from: phase.column, of: inputWidth)
    var first = 0
    while first < blocks {
      let last = min(first &+ ChannelBlock.perPanel, blocks)
      var cursor = start
      for tile in 0..<count {
        var block = first
        while block < last {
          let plane = source + (cursor.image &* blocks &+ block) &* inputPixels
          let place =
            target
            + ((first &* panelStride) / 16 &+ (tile &* tileStride) / ChannelBlock.scalarCount
              &+ (block &- first))
          let (top, left) = (4 &* cursor.row &- 1, 4 &* cursor.column &- 1)
          // Two calls, so that each is compiled for its step.
          if phase.step == 1 {
            WinogradTiles.transformInput(
              plane, step: 1, pitch: inputWidth, height: height, width: width, top: top,
              left: left, work: patch, to: place, stride: positionStride / ChannelBlock.scalarCount)
          } else {
            WinogradTiles.transformInput(
              plane, step: 2, pitch: 2 &* inputWidth, height: height, width: width, top: top,
              left: left, work: patch, to: place, stride: positionStride / ChannelBlock.scalarCount)
          }
          block &+= 1
        }
        cursor.advance()
      }
      first = last
    }
  }

  /// Transforms the products of some tiles and one output panel back and stores them.
  @inline(never)
  private func scatterOutput(
    _ products: UnsafePointer<Float>, phase: WinogradPhase, positionStride: Int, panel: Int,
    firstTile: Int, count: Int, output: UnsafeMutablePointer<Float>, epilogue: ProductEpilogue,
    patch: UnsafeMutablePointer<ChannelBlock>
  ) {
    let blocks = outputChannels / ChannelBlock.scalarCount
    let source = UnsafeRawPointer(products).assumingMemoryBound(to: ChannelBlock.self)
    let target = UnsafeMutableRawPointer(output).assumingMemoryBound(to: ChannelBlock.self)
    let bias = vectors(epilogue.bias)
    let finish = Finish(
      addend: vectors(epilogue.addend), gate: vectors(epilogue.gate),
      rectifies: epilogue.rectifies, target: target)
    let height = phase.count(from: phase.row, of: outputHeight)
    let width = phase.count(from: phase.column, of: outputWidth)
    let step = phase.step
    var cursor = WinogradTileCursor(self, at: firstTile)
    let first = ChannelBlock.perPanel &* panel
    let last = min(first &+ ChannelBlock.perPanel, blocks)
    for tile in 0..<count {
      let top = 4 &* cursor.row
      let left = 4 &* cursor.column
      let rows = min(4, height &- top)
      let columns = width &- left
      var block = first
      while block < last {
        WinogradTiles.transformOutputColumns(
          source + (ChannelBlock.perPanel &* tile &+ block &- first),
          stride: positionStride / ChannelBlock.scalarCount, work: patch)
        let shift = bias.map { $0[block] } ?? .zero
        var offset =
          (cursor.image &* blocks &+ block) &* outputPixels
          &+ (phase.row &+ step &* top) &* outputWidth &+ phase.column &+ step &* left
        var y = 0
        while y < rows {
          let line = patch + 6 &* y
          let t = WinogradTransforms.output(line[0], line[1], line[2], line[3], line[4], line[5])
          if columns >= 4 && step == 1 {
            finish.store((t.0 + shift, t.1 + shift, t.2 + shift, t.3 + shift), at: offset)
          } else {
            if columns > 0 { finish.store(t.0 + shift, at: offset) }
            if columns > 1 { finish.store(t.1 + shift, at: offset &+ step) }
            if columns > 2 { finish.store(t.2 + shift, at: offset &+ 2 &* step) }
            if columns > 3 { finish.store(t.3 + shift, at: offset &+ 3 &* step) }
          }
          offset &+= step &* outputWidth
          y &+= 1
        }
        block &+= 1
      }
      cursor.advance()
    }
  }

  /// The rest of the epilogue, after the bias, and the store.
  private struct Finish {
    let addend: UnsafePointer<ChannelBlock>?
    let gate: UnsafePointer<ChannelBlock>?
    let rectifies: Bool
    let target: UnsafeMutablePointer<ChannelBlock>

    /// Stores four neighbouring pixels.
    @inline(__always)
    func store(_ pixels: (ChannelBlock, ChannelBlock, ChannelBlock, ChannelBlock), at offset: Int) {
      var (p0, p1, p2, p3) = pixels
      if let addend {
        p0 += addend[offset]
        p1 += addend[offset &+ 1]
        p2 += addend[offset &+ 2]
        p3 += addend[offset &+ 3]
      }
      if rectifies {
        p0.replace(with: 0, where: p0 .< 0)
        p1.replace(with: 0, where: p1 .< 0)
        p2.replace(with: 0, where: p2 .< 0)
        p3.replace(with: 0, where: p3 .< 0)
      }
      if let gate {
        p0.replace(with: 0, where: .!(gate[offset] .> 0))
        p1.replace(with: 0, where: .!(gate[offset &+ 1] .> 0))
        p2.replace(with: 0, where: .!(gate[offset &+ 2] .> 0))
        p3.replace(with: 0, where: .!(gate[offset &+ 3] .> 0))
      }
      target[offset] = p0
      target[offset &+ 1] = p1
      target[offset &+ 2] = p2
      target[offset &+ 3] = p3
    }

    /// Stores one pixel.
    @inline(__always)
    func store(_ pixel: ChannelBlock, at offset: Int) {
      var value = pixel
      if let addend { value += addend[offset] }
      if rectifies { value.replace(with: 0, where: value .< 0) }
      if let gate { value.replace(with: 0, where: .!(gate[offset] .> 0)) }
      target[offset] = value
    }
  }

  @inline(__always)
  private func vectors(_ pointer: UnsafePointer<Float>?) -> UnsafePointer<ChannelBlock>? {
    pointer.map { UnsafeRawPointer($0).assumingMemoryBound(to: ChannelBlock.self) }
  }
}
