internal import FileFormats
internal import HDF5Files
package import LossSurfaces

extension LossLandscapeDirections {
  /// Writes the axes of a `directions.npz` in this form.
  ///
  /// - Parameters:
  ///   - source: What `DirectionPair.write` wrote.
  ///   - path: The file to write.
  /// - Throws: `DirectionError` when arrays are missing or do not fit each other, `FileFormatError` when
  ///   a file cannot be read or written.
  package static func write(npz source: String, to path: String) throws {
    let file = try NPZFile(path: source)
    guard file.contains("tensor_shapes") else {
      throw DirectionError(
        description: "\(source): does not say the extents of its tensors, because an older version "
          + "wrote it; make the run again to have its directions as h5")
    }
    let shapes = try shapes(try file.array("tensor_shapes"), path: source)
    var writer = HDF5Writer()
    for (axis, group) in zip(["x", "y"], groups) where file.contains(axis) {
      let elements = try file.array(axis).floats()
      var start = 0
      for (index, shape) in shapes.enumerated() {
        guard let count = elementCount(shape), count <= elements.count - start else {
          throw DirectionError(description: "\(source): \(axis) is shorter than its tensors")
        }
        writer.add(
          "\(group)/\(index)", NumericArray(Array(elements[start..<start + count]), shape: shape))
        start += count
      }
      guard start == elements.count else {
        throw DirectionError(description: "\(source): \(axis) is longer than its tensors")
      }
    }
    try writer.write(to: path)
  }

  /// The rows of `tensor_shapes` without what fills them up.
  private static func shapes(_ array: NumericArray, path: String) throws -> [[Int]] {
    guard array.shape.count == 2, let numbers = array.integers() else {
      throw DirectionError(description: "\(path): tensor_shapes is not a table of extents")
    }
    let rank = array.shape[1]
    return (0..<array.shape[0]).map { row in
      numbers[row * rank..<(row + 1) * rank].filter { $0 >= 0 }
    }
  }
}
