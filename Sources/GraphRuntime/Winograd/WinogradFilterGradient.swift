extension WinogradConvolution {
  /// One summand of a filter gradient: an input and the gradient by the output it led to.
  ///
  /// The tangent of a filter gradient has two: (`dx`, `gradient`) and (`x`, `d gradient`).
  package struct GradientTerm {
    /// `[N][inputChannels / 8][inputHeight][inputWidth][8]`.
    package var input: UnsafePointer<Float>
    /// `[N][outputChannels / 8][outputHeight][outputWidth][8]`.
    package var outputGradient: UnsafePointer<Float>

    package init(input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>) {
      self.input = input
      self.outputGradient = outputGradient
    }
  }

  /// Floats of a filter gradient in blocks: `[outputChannels / 8][inputChannels][3][3][8]`.
  package var filterGradientCount: Int { outputChannels * inputChannels * 9 }

  /// Floats of scratch that
  /// ``filterGradient(images:terms:into:accumulates:scratch:)`` needs.
  package func filterGradientScratchCount(images: Int, terms: Int = 1) -> Int {
    WinogradFilterGradientPlan(self, images: images, terms: terms).count
  }

  /// Computes `gradient (+)= Σ_terms Σ_n,y,x input[n, c, y + i - 1, x + j - 1] outputGradient[n, o, y, x]`.
  ///
  /// - Parameters:
  ///   - images: size N of the batch of each term.
  ///   - terms: the summands, at least one.
  ///   - gradient: ``filterGradientCount`` floats, `[outputChannels / 8][inputChannels][3][3][8]`
  ///     (oneDNN's `Oihw8o`); ``unpackFilterGradient(_:outputs:inputs:into:accumulates:)`` sorts it.
  ///   - accumulates: whether the sums are added to `gradient` or replace it.
  ///   - scratch: ``filterGradientScratchCount(images:terms:)`` floats, aligned to 64 bytes.
  package func filterGradient(
    images: Int, terms: [GradientTerm], into gradient: UnsafeMutablePointer<Float>,
    accumulates: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let plan = WinogradFilterGradientPlan(self, images: images, terms: terms.count)
    let patch = UnsafeMutableRawPointer(scratch + plan.patchOffset)
      .assumingMemoryBound(to: SIMD8<Float>.self)
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
    _ patch: UnsafeMutablePointer<SIMD8<Float>>
  ) {
    let tiles = perTerm * terms.count
    var first = 0
    while first < tiles {
      let count = min(plan.tiles, tiles - first)
      gather(
        terms, phase, perTerm: perTerm, firstTile: first, count: count, scratch, plan, patch)
      let isLast = first + count == tiles
      for output in 0..<outputBlocks {
        for input in 0..<inputBlocks {
          let sums =
            scratch + plan.sumsOffset
            + (plan.keepsSums ? (output * inputBlocks + input) * plan.sumsStride : 0)
          multiply(
            output: output, input: input, phase, tiles: count, scratch, plan, into: sums,
            accumulates: first > 0)
          if isLast {
            scatter(
              sums, output: output, input: input, phase, into: gradient, accumulates: accumulates)
          }
        }
      }
      first += count
    }
  }

  /// Adds a filter gradient in blocks to one in a network's order, or replaces it.
  ///
  /// - Parameters:
  ///   - blocked: a gradient as written by ``filterGradient(images:terms:into:accumulates:scratch:)``.
  ///   - outputs: filters without padding.
  ///   - inputs: channels of a filter without padding.
  ///   - gradient: `[outputs][inputs][3][3]`.
  ///   - accumulates: whether the values are added to `gradient` or replace it.
  package func unpackFilterGradient(
    _ blocked: UnsafePointer<Float>, outputs: Int, inputs: Int,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    precondition(
      outputs <= outputChannels && inputs <= inputChannels,
      "\(outputs)x\(inputs) filters of \(outputChannels)x\(inputChannels) channels")
    for output in 0..<outputs {
      let source = blocked + (output / 8 &* inputChannels &* 72 &+ output % 8)
      let target = gradient + output &* inputs &* 9
      if accumulates {
        for index in 0..<(inputs &* 9) { target[index] += source[index &* 8] }
      } else {
        for index in 0..<(inputs &* 9) { target[index] = source[index &* 8] }
      }
    }
  }

  /// Transforms the patches and output gradients of a run of tiles, which may span several terms.
  private func gather(
    _ terms: [GradientTerm], _ phase: WinogradPhase, perTerm: Int, firstTile: Int, count: Int,
    _ scratch: UnsafeMutablePointer<Float>, _ plan: WinogradFilterGradientPlan,
    _ patch: UnsafeMutablePointer<SIMD8<Float>>
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
    _ patch: UnsafeMutablePointer<SIMD8<Float>>
  ) {
    let octets = outputChannels / 8
    let source = UnsafeRawPointer(gradient).assumingMemoryBound(to: SIMD8<Float>.self)
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: SIMD8<Float>.self)
    let start = WinogradTileCursor(self, at: firstTile)
    var block = 0
    while block < outputBlocks {
      var cursor = start
      for tile in 0..<count {
        let column = target + (block &* plan.panel / 8 &+ 2 &* tile)
        var half = 0
        while half < 2 {
          let octet = 2 &* block &+ half
          if octet < octets {
            WinogradTiles.transformOutputGradient(
              source + (cursor.image &* octets &+ octet) &* outputPixels, height: outputHeight,
              width: outputWidth, top: 4 &* cursor.row, left: 4 &* cursor.column, work: patch,
              to: column + half, stride: plan.outputStride / 8)
          } else {
            for position in 0..<Self.positions {
              column[half &+ position &* (plan.outputStride / 8)] = .zero
            }
          }
          half &+= 1
        }
        cursor.advance()
      }
      block &+= 1
    }
  }

  /// Computes the sums over a group of tiles for sixteen input and sixteen output channels.
  @inline(never)
  private func multiply(
    output: Int, input: Int, _ phase: WinogradPhase, tiles: Int,
    _ scratch: UnsafePointer<Float>, _ plan: WinogradFilterGradientPlan,
    into sums: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let left = scratch + input &* plan.panel
    let right = scratch + (plan.outputOffset &+ output &* plan.panel)
    let rows = min(16, inputChannels &- 16 &* input)
    for position in 0..<Self.positions where phase.uses(position) {
      let target = sums + position &* WinogradFilterGradientPlan.positionStride
      WinogradKernels.multiply(
        rows: rows, depth: tiles, left + position &* plan.inputStride, rowStride: 1,
        depthStride: 16,
        UnsafeRawPointer(right + position &* plan.outputStride)
          .assumingMemoryBound(to: SIMD16<Float>.self),
        into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: SIMD16<Float>.self),
        accumulates: accumulates)
    }
  }

  /// Transforms the sums of sixteen input and sixteen output channels back to taps.
  @inline(never)
  private func scatter(
    _ sums: UnsafePointer<Float>, output: Int, input: Int, _ phase: WinogradPhase,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let source = UnsafeRawPointer(sums).assumingMemoryBound(to: SIMD8<Float>.self)
    let target = UnsafeMutableRawPointer(gradient).assumingMemoryBound(to: SIMD8<Float>.self)
    for channel in 0..<min(16, inputChannels &- 16 &* input) {
      var octet = 2 &* output
      while octet < min(2 &* output &+ 2, outputChannels / 8) {
        WinogradFilter.inverse(
          source + (2 &* channel &+ octet &- 2 &* output),
          stride: WinogradFilterGradientPlan.positionStride / 8, phase: phase,
          to: target + 9 &* (octet &* inputChannels &+ 16 &* input &+ channel),
          accumulates: accumulates)
        octet &+= 1
      }
    }
  }
}
