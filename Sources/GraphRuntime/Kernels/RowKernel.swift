/// One operation on a block of rows.
///
/// A value is either full, a number for every element of a row, or a column, one number for each row.
struct RowInstruction: Hashable {
  enum Operation: Hashable {
    /// Number by number; all are full, or all are columns.
    case elementwise(ElementwiseInstruction.Function)
    /// Sum or product of a full value and a column.
    case withColumn(ElementwiseInstruction.Function)
    /// A column repeated along its rows.
    case spread
    /// Sum of each row, accumulated in `Double`: a column.
    case sum
    /// Softmax of each row.
    case softmax
  }

  var operation: Operation
  /// Numbers of slots.
  var first: Int
  var second: Int?
  var target: Int
  /// Whether the result is a column.
  var isColumn: Bool
}

/// Where a value of a block of rows lies.
enum RowSlot: Hashable {
  /// In scratch memory, by the number of a tile.
  case tile(Int)
  /// In memory, with the rows behind one another.
  case memory(Buffer)
}

/// An operand that is repeated: it is written into a tile before it is read.
struct RowLoad {
  let operand: ElementwiseOperand
  let slot: Int
  /// Whether it is one number for each row.
  let isColumn: Bool

  /// Whether all blocks read the same.
  var isConstant: Bool { operand.modulus == 1 }
}

/// Operations on rows along the last axis, a few rows at a time from the first operation to the last:
/// what lies between them never leaves the cache.
///
/// Rows are independent, so the bits do not depend on how many are taken together.
struct RowKernel: Kernel {
  /// Floats of a tile, if a row is not longer.
  static let tile = 1024

  let division: KernelDivision
  let slots: [RowSlot]
  /// Whether the value of each slot is a column.
  let isColumn: [Bool]
  let loads: [RowLoad]
  let instructions: [RowInstruction]
  let tiles: Int
  /// Rows per sample when divided into chunks, else all rows.
  let rows: Int
  let width: Int

  private var rowsAtOnce: Int { max(1, Self.tile / width) }
  private var tileCount: Int { (max(Self.tile, width) + 15) / 16 * 16 }

  var scratchCount: Int { tiles * tileCount }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let first = division == .perChunk ? chunk.start * rows : 0
    let last = division == .perChunk ? (chunk.start + chunk.count) * rows : rows
    let size = tileCount
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>.self, capacity: slots.count) {
      places in
      for (number, slot) in slots.enumerated() {
        switch slot {
        case .tile(let tile): places[number] = memory.scratch + tile * size
        case .memory(let buffer):
          places[number] = memory[buffer] + first * (isColumn[number] ? 1 : width)
        }
      }
      for load in loads where load.isConstant {
        fill(places[load.slot], load, memory, from: first, count: rowsAtOnce)
      }
      var row = first
      while row < last {
        let count = min(rowsAtOnce, last - row)
        for load in loads where !load.isConstant {
          fill(places[load.slot], load, memory, from: row, count: count)
        }
        for instruction in instructions { run(instruction, places, count) }
        for (number, slot) in slots.enumerated() {
          if case .memory = slot { places[number] += count * (isColumn[number] ? 1 : width) }
        }
        row += count
      }
    }
  }

  @inline(__always)
  private func run(
    _ instruction: RowInstruction,
    _ places: UnsafeMutableBufferPointer<UnsafeMutablePointer<Float>>, _ rows: Int
  ) {
    let a = UnsafePointer(places[instruction.first])
    let b = instruction.second.map { UnsafePointer(places[$0]) } ?? a
    let y = places[instruction.target]
    switch instruction.operation {
    case .elementwise(let function):
      TileLoops.run(function, a, b, y, instruction.isColumn ? rows : rows * width)
    case .withColumn(let function): RowLoops.withColumn(function, a, column: b, y, rows, width)
    case .spread:
      for row in 0..<rows { (y + row * width).update(repeating: a[row], count: width) }
    case .sum: for row in 0..<rows { y[row] = RowLoops.sum(a + row * width, width) }
    case .softmax:
      for row in 0..<rows { RowLoops.softmax(a + row * width, y + row * width, width) }
    }
  }

  /// Writes an operand for some rows.
  private func fill(
    _ tile: UnsafeMutablePointer<Float>, _ load: RowLoad, _ memory: Memory, from first: Int,
    count: Int
  ) {
    let operand = load.operand
    let source = UnsafePointer(memory[operand.buffer])
    for row in 0..<count {
      let base = source + operand.plane(of: first + row) * operand.planeStride
      if load.isColumn {
        tile[row] = base[0]
      } else {
        (tile + row * width).update(from: base, count: width)
      }
    }
  }
}
