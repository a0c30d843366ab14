package import FileFormats

/// A tensor as PyTorch keeps it: elements at regular distances in a storage.
///
/// Two tensors with equal views are one tensor under two names.
package struct StridedView: Hashable, Sendable {
  /// Name of the storage in its file.
  package let storage: String
  /// Type of the elements.
  package let type: ScalarType
  /// Place of the first element, in elements from the start of the storage.
  package let offset: Int
  /// The extents, outermost first.
  package let shape: [Int]
  /// Distance between neighbours along each axis, in elements.
  package let strides: [Int]

  /// Joins the parts.
  package init(storage: String, type: ScalarType, offset: Int, shape: [Int], strides: [Int]) {
    self.storage = storage
    self.type = type
    self.offset = offset
    self.shape = shape
    self.strides = strides
  }

  /// The elements in C order; those of a view of the whole storage are not copied.
  ///
  /// - Throws: `FileFormatError` when the view reaches outside its storage.
  /// - Complexity: Linear in the number of elements, see `TensorBudget`.
  package func array(
    in storage: ArraySlice<UInt8>, format: String
  ) throws(FileFormatError) -> NumericArray {
    let (start, overflow) = offset.multipliedReportingOverflow(by: type.size)
    guard offset >= 0, !overflow, start <= storage.count,
      let elements = gatherElements(
        storage.dropFirst(start), shape: shape, strides: strides, size: type.size)
    else {
      throw FileFormatError(
        .malformed, format: format,
        "shape \(shape) with strides \(strides) at \(offset) reaches outside its storage")
    }
    return try NumericArray(type: type, shape: shape, bytes: elements, format: format)
  }
}

/// The number of bytes that the tensors of a file may take together.
///
/// Tensors may share a storage or repeat its elements, so a small file can describe tensors of any
/// size; those of real networks need little more than the file itself.
package struct TensorBudget: Sendable {
  private let total: Int
  private var left: Int

  /// Four times the size of the file and 16 MiB.
  package init(fileSize: Int) {
    total = fileSize.multipliedReportingOverflow(by: 4).partialValue + (1 << 24)
    left = total
  }

  /// Takes off the bytes of a tensor.
  ///
  /// - Throws: `FileFormatError` when they are more than are left.
  package mutating func spend(
    _ shape: [Int], _ type: ScalarType, format: String
  ) throws(FileFormatError) {
    let size = elementCount(shape)?.multipliedReportingOverflow(by: type.size)
    guard let size, !size.overflow, size.partialValue <= left else {
      throw FileFormatError(
        .tooLarge, format: format,
        "shape \(shape) expands the file beyond \(total) bytes in all")
    }
    left -= size.partialValue
  }
}
