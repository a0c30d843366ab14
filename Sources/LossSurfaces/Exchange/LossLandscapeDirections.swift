internal import ComputationGraph
internal import FileFormats
internal import LinearAlgebra
internal import NeuralNetworks

/// Files of directions as loss-landscape has them in HDF5.
///
/// Groups `xdirection` and `ydirection` hold one array a tensor, named 0, 1 and so on in the order of the
/// parameters. Source: Li et al. 2018, `h5_util.py`.
package enum LossLandscapeDirections {
  static let groups = ["xdirection", "ydirection"]

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

extension DirectionPair {
  /// Loads the directions of a file of loss-landscape: the axes as they are.
  ///
  /// A file for a line has no `ydirection`.
  ///
  /// - Throws: `DirectionError` when groups are missing, or their tensors are not those of the network.
  init(lossLandscape path: String, layout: ParameterLayout) throws {
    let axes: [Vector<Float>]
    do {
      let file = try HDF5File(path: path)
      axes = try LossLandscapeDirections.groups.filter { file.contains($0) }.map { group in
        try Self.axis(file, group, layout: layout)
      }
    } catch let error as FileFormatError {
      throw DirectionError(description: "\(error.inFile(path))")
    } catch let error as DirectionError {
      throw DirectionError(description: "\(path): \(error.description)")
    }
    guard !axes.isEmpty else {
      throw DirectionError(
        description:
          "\(path): has no group xdirection; give a file of directions, as loss-landscape "
          + "writes beside its surfaces")
    }
    self.init(raw: axes, axes: axes, layout: layout, source: .file(path))
  }

  /// One direction; nothing is taken before its extents are those of the network.
  private static func axis(
    _ file: HDF5File, _ group: String, layout: ParameterLayout
  ) throws -> Vector<Float> {
    let (count, expected) = (try file.names(in: group).count, layout.segments.count)
    guard count == expected else {
      throw DirectionError(
        description: "\(group) has \(count) tensors, but the network \(expected)"
          + (count > expected
            ? "; directions with running statistics (dir_type=states) are not read"
            : "; use directions of the same architecture"))
    }
    var axis = Vector<Float>(zeros: layout.count)
    for (index, segment) in layout.segments.enumerated() {
      let name = "\(group)/\(index)"
      let (shape, expected) = (try file.shape(of: name), segment.shape.dimensions)
      guard shape == expected else {
        throw DirectionError(
          description: "\(name) has the shape \(shape), but \(quoted(segment.name)) of the network "
            + "\(expected); use directions of the same architecture")
      }
      let part = Vector<Float>(try file.array(name).floats())
      if let place = part.firstNonFiniteIndex {
        throw DirectionError(
          description: "element \(place) of \(name) is \(part[place]); directions must be finite")
      }
      axis.setElements(from: segment.range.lowerBound, to: part)
    }
    return axis
  }
}
