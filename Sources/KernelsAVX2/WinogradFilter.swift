internal import NumericKernels

/// The transforms of 3x3 filters, and of their gradients back.
enum WinogradFilter {
  typealias Lanes = SIMD16<Float>

  /// Writes `G g Gᵀ` of the taps of a phase, position `p` at `p * stride`.
  ///
  /// `filter` has all nine taps of sixteen filters. Positions that the phase does not use get zeros.
  @inline(__always)
  static func transform(
    _ filter: UnsafePointer<Lanes>, phase: WinogradPhase,
    to destination: UnsafeMutablePointer<Lanes>, stride: Int
  ) {
    let taps = Taps(
      filter: filter, rows: phase.rowTaps.sources, columns: phase.columnTaps.sources)
    // Compiled for each pair, so that nothing is computed for zeros.
    switch (phase.rowTaps, phase.columnTaps) {
    case (.leading, .leading): write(LeadingTaps.self, LeadingTaps.self, taps, destination, stride)
    case (.leading, .middle): write(LeadingTaps.self, MiddleTap.self, taps, destination, stride)
    case (.middle, .leading): write(MiddleTap.self, LeadingTaps.self, taps, destination, stride)
    case (.trailing, .trailing):
      write(TrailingTaps.self, TrailingTaps.self, taps, destination, stride)
    case (.trailing, .middle): write(TrailingTaps.self, MiddleTap.self, taps, destination, stride)
    case (.middle, .trailing): write(MiddleTap.self, TrailingTaps.self, taps, destination, stride)
    case (.middle, .middle): write(MiddleTap.self, MiddleTap.self, taps, destination, stride)
    default: write(AllTaps.self, AllTaps.self, taps, destination, stride)
    }
  }

  @inline(__always)
  private static func write<Rows: TapPattern, Columns: TapPattern>(
    _: Rows.Type, _: Columns.Type, _ taps: Taps, _ destination: UnsafeMutablePointer<Lanes>,
    _ stride: Int
  ) {
    let t0 = Rows.transform(taps[0, 0], taps[1, 0], taps[2, 0])
    let t1 = Rows.transform(taps[0, 1], taps[1, 1], taps[2, 1])
    let t2 = Rows.transform(taps[0, 2], taps[1, 2], taps[2, 2])
    store(Columns.transform(t0.0, t1.0, t2.0), to: destination, stride)
    store(Columns.transform(t0.1, t1.1, t2.1), to: destination + 6 &* stride, stride)
    store(Columns.transform(t0.2, t1.2, t2.2), to: destination + 12 &* stride, stride)
    store(Columns.transform(t0.3, t1.3, t2.3), to: destination + 18 &* stride, stride)
    store(Columns.transform(t0.4, t1.4, t2.4), to: destination + 24 &* stride, stride)
    store(Columns.transform(t0.5, t1.5, t2.5), to: destination + 30 &* stride, stride)
  }

  /// The taps of a phase among those of the filters.
  private struct Taps {
    let filter: UnsafePointer<Lanes>
    let rows: (Int, Int, Int)
    let columns: (Int, Int, Int)

    @inline(__always)
    subscript(row: Int, column: Int) -> Lanes {
      let i = row == 0 ? rows.0 : row == 1 ? rows.1 : rows.2
      let j = column == 0 ? columns.0 : column == 1 ? columns.1 : columns.2
      return filter[3 &* i &+ j]
    }
  }

  @inline(__always)
  private static func store(
    _ six: (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes), to destination: UnsafeMutablePointer<Lanes>,
    _ stride: Int
  ) {
    destination[0] = six.0
    destination[stride] = six.1
    destination[2 &* stride] = six.2
    destination[3 &* stride] = six.3
    destination[4 &* stride] = six.4
    destination[5 &* stride] = six.5
  }

  /// Adds `A₃ᵀ S m S A₃` to the taps of a phase of eight filters, or replaces them.
  ///
  /// `A₃ᵀ` is the output transform of `F(3, 4)`, `S` the row scales that
  /// ``WinogradTransforms/outputGradient(_:_:_:_:)`` left out.
  ///
  /// Position `p` is read from `source + p * stride`; those that the phase does not use may hold
  /// anything. `taps` are all nine of the filters.
  @inline(__always)
  static func inverse(
    _ source: UnsafePointer<ChannelBlock>, stride: Int, phase: WinogradPhase,
    to taps: UnsafeMutablePointer<ChannelBlock>, accumulates: Bool
  ) {
    let t0 = column(source, stride)
    let t1 = column(source + stride, stride)
    let t2 = column(source + 2 &* stride, stride)
    let t3 = column(source + 3 &* stride, stride)
    let t4 = column(source + 4 &* stride, stride)
    let t5 = column(source + 5 &* stride, stride)
    let r0 = three(t0.0, t1.0, t2.0, t3.0, t4.0, t5.0)
    let r1 = three(t0.1, t1.1, t2.1, t3.1, t4.1, t5.1)
    let r2 = three(t0.2, t1.2, t2.2, t3.2, t4.2, t5.2)
    let (rows, columns) = (phase.rowTaps, phase.columnTaps)
    let (i, j) = (rows.sources, columns.sources)
    func put(_ value: ChannelBlock, _ row: Int, _ column: Int) {
      let tap = 3 &* row &+ column
      taps[tap] = accumulates ? taps[tap] + value : value
    }
    func put(_ values: (ChannelBlock, ChannelBlock, ChannelBlock), _ row: Int) {
      if columns != .middle { put(values.0, row, j.0) }
      put(values.1, row, j.1)
      if columns == .all { put(values.2, row, j.2) }
    }
    if rows != .middle { put(r0, i.0) }
    put(r1, i.1)
    if rows == .all { put(r2, i.2) }
  }

  @inline(__always)
  private static func column(
    _ source: UnsafePointer<ChannelBlock>, _ stride: Int
  ) -> (ChannelBlock, ChannelBlock, ChannelBlock) {
    three(
      source[0], source[6 &* stride], source[12 &* stride], source[18 &* stride],
      source[24 &* stride], source[30 &* stride])
  }

  /// Returns `A₃ᵀ S m`.
  @inline(__always)
  private static func three(
    _ m0: ChannelBlock, _ m1: ChannelBlock, _ m2: ChannelBlock, _ m3: ChannelBlock,
    _ m4: ChannelBlock, _ m5: ChannelBlock
  ) -> (ChannelBlock, ChannelBlock, ChannelBlock) {
    let (centre, near, far) = WinogradTransforms.filterScales
    let evenNear = (m1 + m2) * near
    let oddNear = (m1 - m2) * near
    let evenFar = (m3 + m4) * far
    let oddFar = (m3 - m4) * far
    return (
      m0 * centre + evenNear + evenFar,
      (oddNear * 0.625).addingProduct(ChannelBlock(repeating: 1.5), oddFar),
      m5.addingProduct(ChannelBlock(repeating: 0.390625), evenNear)
        .addingProduct(ChannelBlock(repeating: 2.25), evenFar)
    )
  }
}

// In the same file, for builds for debugging optimise each file for itself.

/// The filter transform `G g` of `F(4, 3)` for taps some of which are zero.
protocol TapPattern {
  typealias Lanes = SIMD16<Float>
  typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

  /// Returns `G g`; does not read the taps that are zero.
  static func transform(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six
}

/// The taps `(g₀, g₁, g₂)`.
enum AllTaps: TapPattern {
  @inline(__always)
  static func transform(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six {
    let (centre, near, far) = WinogradTransforms.filterScales
    let evenNear = g0.addingProduct(Lanes(repeating: 0.390625), g2) * near
    let oddNear = g1 * (0.625 * near)
    let evenFar = g0.addingProduct(Lanes(repeating: 2.25), g2) * far
    let oddFar = g1 * (1.5 * far)
    return (
      g0 * centre, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar, g2
    )
  }
}

/// The taps `(g₀, g₁, 0)`.
enum LeadingTaps: TapPattern {
  @inline(__always)
  static func transform(_ g0: Lanes, _ g1: Lanes, _: Lanes) -> Six {
    let (centre, near, far) = WinogradTransforms.filterScales
    let (evenNear, oddNear) = (g0 * near, g1 * (0.625 * near))
    let (evenFar, oddFar) = (g0 * far, g1 * (1.5 * far))
    return (
      g0 * centre, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar,
      .zero
    )
  }
}

/// The taps `(0, g₁, g₂)`.
enum TrailingTaps: TapPattern {
  @inline(__always)
  static func transform(_: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six {
    let (_, near, far) = WinogradTransforms.filterScales
    let (evenNear, oddNear) = (g2 * (0.390625 * near), g1 * (0.625 * near))
    let (evenFar, oddFar) = (g2 * (2.25 * far), g1 * (1.5 * far))
    return (
      .zero, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar, g2
    )
  }
}

/// The taps `(0, g₁, 0)`.
enum MiddleTap: TapPattern {
  @inline(__always)
  static func transform(_: Lanes, _ g1: Lanes, _: Lanes) -> Six {
    let (_, near, far) = WinogradTransforms.filterScales
    let (oddNear, oddFar) = (g1 * (0.625 * near), g1 * (1.5 * far))
    return (.zero, oddNear, -oddNear, oddFar, -oddFar, .zero)
  }
}
