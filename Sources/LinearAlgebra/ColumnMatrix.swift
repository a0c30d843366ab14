/// Tall matrix of a few columns, column-major, that grows by whole columns.
///
/// Holds an orthonormal basis: `n` rows may be millions, columns a few hundred. Columns lie in
/// chunks of contiguous memory, so growing never copies what is there; a column starts at a cache
/// line. Copies share chunks until one of them is written. All products accumulate in `Double`
/// in an order that depends on the shape alone.
package struct ColumnMatrix<Scalar: BLASScalar>: Sendable {
  /// Number of rows.
  package let rows: Int
  /// Number of columns.
  package private(set) var columns = 0
  /// Distance between two columns of a chunk, in elements.
  let stride: Int
  /// Columns in one chunk.
  let columnsPerChunk: Int
  private var chunks: [AlignedStorage] = []
  /// Threads for products; the bits do not depend on them.
  package var pool: WorkerPool?

  /// Creates a matrix without columns.
  ///
  /// - Parameters:
  ///   - rows: Length of a column.
  ///   - columnsPerChunk: Columns to allocate at a time, a multiple of 4.
  package init(rows: Int, columnsPerChunk: Int = 8) {
    precondition(rows >= 0, "negative row count")
    precondition(columnsPerChunk > 0 && columnsPerChunk % 4 == 0, "a chunk holds groups of 4")
    self.rows = rows
    self.columnsPerChunk = columnsPerChunk
    // Whole registers, and never a multiple of a page: columns one page apart would all fall
    // into the same few lines of the first-level cache.
    let line = AlignedStorage.alignment / MemoryLayout<Scalar>.stride
    let padded = (rows + line - 1) / line * line
    let onPages = padded * MemoryLayout<Scalar>.stride % 4096 == 0
    stride = padded + (onPages ? line : 0)
  }

  /// Creates a matrix from its columns.
  package init(rows: Int, columns: [Vector<Scalar>]) {
    self.init(rows: rows)
    for column in columns { append(column) }
  }

  /// Appends a column.
  ///
  /// - Complexity: O(rows); allocates a chunk each `columnsPerChunk` columns.
  package mutating func append(_ column: Vector<Scalar>) {
    precondition(column.count == rows, "column of \(column.count) in a matrix of \(rows) rows")
    if columns == chunks.count * columnsPerChunk {
      chunks.append(AlignedStorage(byteCount: chunkByteCount))
    }
    columns += 1
    setColumn(columns - 1, to: column)
  }

  /// Copy of one column.
  package func column(_ index: Int) -> Vector<Scalar> {
    precondition(index >= 0 && index < columns, "column \(index) outside 0..<\(columns)")
    return withExtendedLifetime(chunks) {
      Vector(UnsafeBufferPointer(start: pointer(toColumn: index), count: rows))
    }
  }

  /// Overwrites one column.
  package mutating func setColumn(_ index: Int, to column: Vector<Scalar>) {
    precondition(index >= 0 && index < columns, "column \(index) outside 0..<\(columns)")
    precondition(column.count == rows, "column of \(column.count) in a matrix of \(rows) rows")
    makeUnique(chunk: index / columnsPerChunk)
    let target = pointer(toColumn: index)
    column.withUnsafeBuffer { source in
      if let base = source.baseAddress { target.initialize(from: base, count: rows) }
    }
    // Kernels read whole registers: what lies behind the last row must be zero.
    (target + rows).initialize(repeating: 0, count: stride - rows)
  }

  /// Drops columns at the end and the chunks that become empty.
  package mutating func removeLast(keeping count: Int) {
    precondition(count >= 0 && count <= columns, "cannot keep \(count) of \(columns) columns")
    columns = count
    let needed = (count + columnsPerChunk - 1) / columnsPerChunk
    if chunks.count > needed { chunks.removeLast(chunks.count - needed) }
  }

  /// Bytes of memory that the columns take.
  package var byteCount: Int { chunks.count * chunkByteCount }

  private var chunkByteCount: Int { stride * columnsPerChunk * MemoryLayout<Scalar>.stride }

  /// Start of a column; valid while `chunks` lives.
  func pointer(toColumn index: Int) -> UnsafeMutablePointer<Scalar> {
    chunks[index / columnsPerChunk].pointer.assumingMemoryBound(to: Scalar.self)
      + index % columnsPerChunk * stride
  }

  /// Starts of all columns, in order, valid inside the closure.
  func withColumnPointers<R>(_ body: ([UnsafeMutablePointer<Scalar>]) -> R) -> R {
    withExtendedLifetime(chunks) { body((0..<columns).map { pointer(toColumn: $0) }) }
  }

  /// Copies every chunk that another matrix also holds.
  mutating func makeUnique() {
    for chunk in chunks.indices { makeUnique(chunk: chunk) }
  }

  private mutating func makeUnique(chunk: Int) {
    guard !isKnownUniquelyReferenced(&chunks[chunk]) else { return }
    let copy = AlignedStorage(byteCount: chunkByteCount)
    copy.pointer.copyMemory(from: chunks[chunk].pointer, byteCount: chunkByteCount)
    chunks[chunk] = copy
  }
}
