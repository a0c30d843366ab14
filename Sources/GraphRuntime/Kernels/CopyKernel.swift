/// Moves elements between tensors whose index maps are separable by axis.
///
/// Covers reorders between layouts, slices, pads, transposes, broadcasts, reshapes and
/// concatenation: the place of element `(i, j, k, ...)` is the sum of one table entry per axis, on
/// both sides. A negative source entry stands for a zero.
struct CopyKernel: Kernel {
  /// One axis: where each of its indices lies.
  private struct Axis {
    /// Offset of each index in the target.
    var target: [Int]
    /// Offset of each index in the source, or a negative number for a zero.
    var source: [Int]
  }

  let division: KernelDivision
  let source: Buffer
  let target: Buffer
  /// Number of indices of each axis.
  private let extents: [Int]
  /// Offsets of the indices of all axes, one axis behind the other.
  private let targetOffsets: [Int]
  private let sourceOffsets: [Int]
  /// Neighbouring floats that are moved together: 8 where both sides hold channels in blocks.
  private let width: Int
  /// Whether neighbours along the last axis are neighbours on both sides.
  private let isInRows: Bool

  /// Creates a copy.
  ///
  /// - Parameters:
  ///   - division: Whether the first axis may be divided.
  ///   - source: What is read.
  ///   - target: What is written.
  ///   - targetOffsets: For each axis, the offset of each index in the target.
  ///   - sourceOffsets: For each axis, the offset of each index in the source, or a negative
  ///     number for a zero.
  init(
    division: KernelDivision, source: Buffer, target: Buffer, targetOffsets: [[Int]],
    sourceOffsets: [[Int]]
  ) {
    self.division = division
    self.source = source
    self.target = target
    var axes = zip(targetOffsets, sourceOffsets).map { Axis(target: $0, source: $1) }
    width = axes.count == 4 && Self.isInOctets(axes[1]) ? 8 : 1
    if width == 8 {
      axes[1].target = stride(from: 0, to: axes[1].target.count, by: 8).map { axes[1].target[$0] }
      axes[1].source = stride(from: 0, to: axes[1].source.count, by: 8).map { axes[1].source[$0] }
    }
    extents = axes.map(\.target.count)
    self.targetOffsets = axes.flatMap(\.target)
    self.sourceOffsets = axes.flatMap(\.source)
    isInRows =
      width == 1
      && (axes.last.map { Self.isConsecutive($0.target) && Self.isConsecutive($0.source) } ?? false)
  }

  /// Whether offsets count up from the first one, which is none of a zero.
  private static func isConsecutive(_ offsets: [Int]) -> Bool {
    guard let first = offsets.first, first >= 0 else { return false }
    return offsets.indices.allSatisfy { offsets[$0] == first + $0 }
  }

  /// Whether eight indices in turn are neighbours on both sides, or zeros.
  private static func isInOctets(_ axis: Axis) -> Bool {
    axis.target.count % 8 == 0
      && axis.target.indices.allSatisfy { index in
        let first = index / 8 * 8
        return axis.target[index] == axis.target[first] + index - first
          && (axis.source[first] < 0
            ? axis.source[index] < 0
            : axis.source[index] == axis.source[first] + index - first)
      }
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let from = UnsafePointer(memory[source])
    let to = memory[target]
    guard let first = extents.first else {
      to[0] = from[0]
      return
    }
    let rows = division == .perChunk ? chunk.start..<chunk.start + chunk.count : 0..<first
    extents.withUnsafeBufferPointer { extents in
      targetOffsets.withUnsafeBufferPointer { targets in
        sourceOffsets.withUnsafeBufferPointer { sources in
          guard let targets = targets.baseAddress, let sources = sources.baseAddress else { return }
          copy(extents[...], rows, targets, sources, from, to)
        }
      }
    }
  }

  /// Copies the part of the axes that are left, whose offsets are given; `from` is nil where zeros are
  /// written.
  private func copy(
    _ extents: Slice<UnsafeBufferPointer<Int>>, _ range: Range<Int>,
    _ target: UnsafePointer<Int>, _ source: UnsafePointer<Int>, _ from: UnsafePointer<Float>?,
    _ to: UnsafeMutablePointer<Float>
  ) {
    guard let extent = extents.first else { return }
    let inner = extents.dropFirst()
    guard let next = inner.first else {
      copyLast(target, source, range, from, to)
      return
    }
    for i in range {
      let offset = source[i]
      copy(
        inner, 0..<next, target + extent, source + extent,
        offset < 0 ? nil : from.map { $0 + offset }, to + target[i])
    }
  }

  /// The innermost loop.
  @inline(__always)
  private func copyLast(
    _ target: UnsafePointer<Int>, _ source: UnsafePointer<Int>, _ range: Range<Int>,
    _ from: UnsafePointer<Float>?, _ to: UnsafeMutablePointer<Float>
  ) {
    if isInRows {
      guard let first = range.first else { return }
      if let from {
        (to + target[first]).update(from: from + source[first], count: range.count)
      } else {
        (to + target[first]).update(repeating: 0, count: range.count)
      }
    } else if width == 8 {
      for i in range {
        let place = UnsafeMutableRawPointer(to + target[i])
        let value =
          if let from, source[i] >= 0 {
            UnsafeRawPointer(from + source[i]).loadUnaligned(as: SIMD8<Float>.self)
          } else {
            SIMD8<Float>.zero
          }
        place.storeBytes(of: value, as: SIMD8<Float>.self)
      }
    } else {
      for i in range {
        if let from, source[i] >= 0 { to[target[i]] = from[source[i]] } else { to[target[i]] = 0 }
      }
    }
  }

  /// Offsets of each index along each axis of a tensor with a layout.
  static func offsets(_ shape: [Int], _ layout: TensorLayout) -> [[Int]] {
    switch layout {
    case .plain:
      var stride = 1
      var result: [[Int]] = []
      for extent in shape.reversed() {
        let step = stride
        result.insert((0..<extent).map { $0 * step }, at: 0)
        stride *= extent
      }
      return result
    case .blocked(let block):
      let (c, h, w) = (shape[1], shape[2], shape[3])
      return [
        (0..<shape[0]).map { $0 * c * h * w },
        (0..<c).map { $0 / block * h * w * block + $0 % block },
        (0..<h).map { $0 * w * block },
        (0..<w).map { $0 * block },
      ]
    }
  }
}

/// Stores given numbers.
struct StoreKernel: Kernel {
  let division = KernelDivision.whole
  let target: Buffer
  let elements: [Float]

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    elements.withUnsafeBufferPointer { elements in
      guard let start = elements.baseAddress else { return }
      memory[target].update(from: start, count: elements.count)
    }
  }
}

/// Fills a tensor with one number.
struct FillKernel: Kernel {
  let division = KernelDivision.whole
  let target: Buffer
  let count: Int
  let value: Float

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    memory[target].update(repeating: value, count: count)
  }
}
