internal import ComputationGraph
internal import FileFormats
internal import LinearAlgebra
internal import NeuralNetworks

/// Files of directions as loss-landscape has them in HDF5.
///
/// Groups `xdirection` and `ydirection` hold one array a tensor, named 0, 1 and so on in the order of the
/// parameters. Source: Li et al. 2018, `h5_util.py`.
package enum LossLandscapeDirections {
  /// Their groups, along x and y.
  package static let groups = ["xdirection", "ydirection"]
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
