/// How an operand is read while a kernel walks over planes of its output.
struct ElementwiseOperand {
  /// Plane `(p / divisor) % modulus` of the operand belongs to plane `p` of the output.
  var divisor = 1
  var modulus = Int.max
  /// Distance between planes of the operand in floats.
  var planeStride: Int
  /// Floats that repeat through the plane; nil when the operand has all of them.
  var pattern: Int?
  var buffer: Buffer

  /// Which plane of the operand belongs to a plane of the output.
  @inline(__always)
  func plane(of plane: Int) -> Int {
    // Planes may be short rows, where a division costs as much as the work.
    let index = divisor == 1 ? plane : plane / divisor
    return index < modulus ? index : index % modulus
  }
}

/// A chain of elementwise operations in one pass over memory.
///
/// The output is walked plane by plane (for images: one block of channels of one sample), each
/// plane in tiles that stay in the first-level cache.
struct ElementwiseKernel: Kernel {
  static let tile = 512

  let division: KernelDivision
  let operands: [ElementwiseOperand]
  let instructions: [ElementwiseInstruction]
  let registerCount: Int
  let output: Buffer
  /// Planes per sample when divided into chunks, else all planes.
  let planes: Int
  let planeCount: Int

  var scratchCount: Int { (registerCount + operands.count) * Self.tile }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let first = division == .perChunk ? chunk.start * planes : 0
    let last = division == .perChunk ? (chunk.start + chunk.count) * planes : planes
    let registers = memory.scratch
    let patterns = memory.scratch + registerCount * Self.tile
    let target = memory[output]
    let sources = operands.map { UnsafePointer(memory[$0.buffer]) }
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: operands.count) {
      current in
      for plane in first..<last {
        for (k, operand) in operands.enumerated() {
          let base = sources[k] + operand.plane(of: plane) * operand.planeStride
          if let pattern = operand.pattern {
            let tile = patterns + k * Self.tile
            fill(tile, with: base, pattern: pattern, count: min(Self.tile, planeCount))
            current[k] = UnsafePointer(tile)
          } else {
            current[k] = base
          }
        }
        var start = 0
        while start < planeCount {
          let count = min(Self.tile, planeCount - start)
          for (number, instruction) in instructions.enumerated() {
            let a = pointer(instruction.first, current, registers, start)
            let b = instruction.second.map { pointer($0, current, registers, start) } ?? a
            let y =
              number == instructions.count - 1
              ? target + plane * planeCount + start : registers + instruction.register * Self.tile
            TileLoops.run(instruction.function, a, b, y, count)
          }
          start += count
        }
      }
    }
  }

  @inline(__always)
  private func pointer(
    _ source: ElementwiseSource, _ operands: UnsafeMutableBufferPointer<UnsafePointer<Float>>,
    _ registers: UnsafeMutablePointer<Float>, _ start: Int
  ) -> UnsafePointer<Float> {
    switch source {
    case .register(let index): UnsafePointer(registers + index * Self.tile)
    case .operand(let index):
      self.operands[index].pattern == nil ? operands[index] + start : operands[index]
    }
  }

  /// Repeats a pattern through a tile; the tile is a multiple of every pattern's length.
  private func fill(
    _ tile: UnsafeMutablePointer<Float>, with base: UnsafePointer<Float>, pattern: Int, count: Int
  ) {
    if pattern == 1 {
      tile.update(repeating: base[0], count: count)
      return
    }
    var i = 0
    if pattern & 7 == 0 {
      // Blocks of channels: a small plane is no larger than this tile, so it counts.
      let source = UnsafeRawPointer(base)
      let target = UnsafeMutableRawPointer(tile)
      for part in stride(from: 0, to: pattern, by: 8) {
        let values = source.loadUnaligned(fromByteOffset: part &* 4, as: SIMD8<Float>.self)
        i = part
        while i &+ 8 <= count {
          target.storeBytes(of: values, toByteOffset: i &* 4, as: SIMD8<Float>.self)
          i &+= pattern
        }
      }
      return
    }
    while i < count {
      for j in 0..<min(pattern, count - i) { tile[i &+ j] = base[j] }
      i &+= pattern
    }
  }
}
