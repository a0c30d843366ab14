/// Where the elements of a matrix are: `(i, j)` at `elements[i * rowStride + j * columnStride]`.
package struct MatrixOperand {
  package var elements: UnsafePointer<Float>
  package var rowStride: Int
  package var columnStride: Int

  package init(elements: UnsafePointer<Float>, rowStride: Int, columnStride: Int) {
    self.elements = elements
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The part of the matrix from an element on.
  package func from(row: Int, column: Int) -> Self {
    Self(
      elements: elements + (row * rowStride + column * columnStride), rowStride: rowStride,
      columnStride: columnStride)
  }

  /// A factor `[rows, columns]` that lies in memory row by row, or column by column where what lies
  /// there is its transpose.
  package static func matrix(
    _ elements: UnsafePointer<Float>, rows: Int, columns: Int, isTransposed: Bool
  ) -> Self {
    Self(
      elements: elements, rowStride: isTransposed ? 1 : columns,
      columnStride: isTransposed ? rows : 1)
  }
}

/// Sizes of a sum of matrix products, `[rows, columns] = Σ [rows, depth] [depth, columns]`.
package struct MatrixProductShape: Hashable, Sendable {
  package var rows: Int
  package var columns: Int
  /// Terms of the sum in one element of one product.
  package var depth: Int

  package init(rows: Int, columns: Int, depth: Int) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
  }

  /// Panels of sixteen columns, the last one possibly not full.
  package var panels: Int { (columns + 15) / 16 }
  /// Floats of a packed right factor, `[panels][depth][16]`.
  package var packedCount: Int { panels * depth * 16 }
}

/// Products of dense matrices, compiled for one instruction set.
///
/// An element is a sum of chains of at most ``depthSlice`` fused multiply-adds, one for each slice of
/// the depth of each term, added up in order: the same bits in every implementation, and for every
/// division of rows and columns.
package protocol MatrixProductKernels: Sendable {
  /// Writes a right factor as panels of sixteen columns, `[panels][depth][16]`, with zeros behind the
  /// last column.
  ///
  /// - Parameters:
  ///   - right: `[depth, columns]`.
  ///   - shape: The sizes; rows do not matter.
  ///   - destination: ``MatrixProductShape/packedCount`` floats, aligned to 64 bytes.
  func pack(
    _ right: MatrixOperand, _ shape: MatrixProductShape,
    to destination: UnsafeMutablePointer<Float>)

  /// Floats of scratch that `packedProduct` needs for so many rows or fewer.
  func packedProductScratchCount(_ shape: MatrixProductShape) -> Int

  /// Computes `output = epilogue(Σ_terms left right)` with packed right factors.
  ///
  /// - Parameters:
  ///   - shape: The sizes.
  ///   - terms: The summands, at least one: `left` is `[rows, depth]`, `right` packed.
  ///   - output: Element `(i, j)` goes to `output[i * outputStride + j]`.
  ///   - outputStride: Floats between rows of the output, of the addend and of the gate.
  ///   - epilogue: What is done to the sums before they are stored.
  ///   - scratch: `packedProductScratchCount` floats, aligned to 64 bytes.
  func packedProduct(
    _ shape: MatrixProductShape, terms: [(left: MatrixOperand, right: UnsafePointer<Float>)],
    output: UnsafeMutablePointer<Float>, outputStride: Int, epilogue: ProductEpilogue,
    scratch: UnsafeMutablePointer<Float>)

  /// Floats of scratch that `product` needs.
  func productScratchCount(_ shape: MatrixProductShape) -> Int

  /// Computes `output (+)= Σ_terms left right`.
  ///
  /// - Parameters:
  ///   - shape: The sizes.
  ///   - terms: The summands, at least one.
  ///   - output: Element `(i, j)` goes to `output[i * outputStride + j]`.
  ///   - outputStride: Floats between rows of the output.
  ///   - accumulates: Whether the sums are added to the output or replace it.
  ///   - scratch: `productScratchCount` floats, aligned to 64 bytes.
  func product(
    _ shape: MatrixProductShape, terms: [(left: MatrixOperand, right: MatrixOperand)],
    output: UnsafeMutablePointer<Float>, outputStride: Int, accumulates: Bool,
    scratch: UnsafeMutablePointer<Float>)
}

/// Largest number of terms of a matrix product that are summed in one chain.
///
/// Fixed because it decides the rounding: shorter chains are more accurate, longer ones load and
/// store the sums less often.
package let depthSlice = 256
