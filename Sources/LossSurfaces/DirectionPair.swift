internal import ComputationGraph
internal import FileFormats
package import LinearAlgebra
package import NeuralNetworks

/// A file of directions that cannot be used.
package struct DirectionError: Error, CustomStringConvertible {
  /// One line for the user.
  package let description: String

  /// Joins the parts.
  package init(description: String) { self.description = description }
}

/// The two axes of a surface: as drawn and as used.
package struct DirectionPair: Sendable {
  /// As drawn or loaded, before normalisation.
  package let raw: [Vector<Float>]
  /// The axes: x, then y, which a file for a line may lack.
  package let axes: [Vector<Float>]
  /// How the axes were made from the raw directions.
  package let normalization: DirectionNormalization
  /// What happened to tensors with one axis.
  package let vectors: VectorTreatment
  /// Where the raw directions come from.
  package let source: Source
  /// Extents of the tensors that a direction consists of, one after the other.
  private let shapes: [[Int]]

  /// Origin of raw directions.
  package enum Source: Sendable, Hashable {
    /// Independent standard normal numbers, see `RandomDirection`.
    case random(seed: UInt64)
    /// A file.
    case file(String)
    /// The first two principal components of the weights of checkpoints.
    case principalComponents(checkpoints: Int)
  }

  /// Draws two random directions, in parallel where there is a pool, and normalises them by the
  /// weights.
  package init(
    seed: UInt64, weights: ParameterVector, normalization: DirectionNormalization,
    vectors: VectorTreatment, pool: WorkerPool? = nil
  ) {
    let raw = RandomDirection.pair(0, seed: seed).map {
      $0.raw(count: weights.layout.count, pool: pool)
    }
    self.init(
      raw: raw, weights: weights, normalization: normalization, vectors: vectors,
      source: .random(seed: seed))
  }

  private init(
    raw: [Vector<Float>], weights: ParameterVector, normalization: DirectionNormalization,
    vectors: VectorTreatment, source: Source
  ) {
    self.raw = raw
    self.normalization = normalization
    self.vectors = vectors
    self.source = source
    shapes = weights.layout.shapes
    axes = raw.map { normalization.apply(to: $0, weights: weights, vectors: vectors) }
  }

  /// The first two principal components of checkpoints, which are used as they are.
  ///
  /// - Precondition: Two vectors.
  package init(
    principalComponents axes: [Vector<Float>], of checkpoints: Int, layout: ParameterLayout
  ) {
    precondition(axes.count == 2, "a plane has two axes")
    self.init(
      raw: axes, axes: axes, layout: layout, source: .principalComponents(checkpoints: checkpoints))
  }

  /// Takes axes as they are.
  init(
    raw: [Vector<Float>], axes: [Vector<Float>], layout: ParameterLayout, source: Source
  ) {
    self.raw = raw
    self.axes = axes
    self.source = source
    shapes = layout.shapes
    normalization = .none
    vectors = .none
  }

  /// Norms of the axes.
  package var norms: [Double] { axes.map(\.norm) }

  /// Cosine of the angle between the axes, 0 for a single one; random axes are nearly orthogonal.
  package var cosine: Double {
    guard axes.count == 2 else { return 0 }
    let product = norms[0] * norms[1]
    return product > 0 ? axes[0].dot(axes[1]) / product : 0
  }

  /// Loads directions from an `.npz` file, or from one of loss-landscape, see `init(lossLandscape:)`.
  ///
  /// With arrays `x` and `y` the axes are used as they are; with `raw_x` and `raw_y` alone they are
  /// normalised by the weights. Flat, in the order of the parameters. A file of eigenvectors (an
  /// array `eigenvalues` and one array per tensor, one vector after the other) gives its first two
  /// as the axes, as they are: of norm 1.
  ///
  /// - Throws: `DirectionError` when arrays are missing, have another length or are not finite.
  package init(
    file path: String, weights: ParameterVector, normalization: DirectionNormalization,
    vectors: VectorTreatment
  ) throws {
    if HDF5File.isHDF5(path) {
      try self.init(lossLandscape: path, layout: weights.layout)
      return
    }
    let count = weights.layout.count
    let file: NPZFile
    do throws(FileFormatError) {
      file = try NPZFile(path: path)
    } catch {
      throw DirectionError(description: "\(error)")
    }
    func load(_ name: String) throws -> Vector<Float> {
      let array: NumericArray
      do throws(FileFormatError) {
        array = try file.array(name)
      } catch {
        throw DirectionError(description: "\(path): \(error)")
      }
      guard array.count == count else {
        throw DirectionError(
          description: "\(path): array \(name) has \(array.count) elements, but the network has "
            + "\(count) parameters; use directions of the same architecture")
      }
      let vector = Vector(array.floats())
      if let index = vector.firstNonFiniteIndex {
        throw DirectionError(
          description: "\(path): element \(index) of \(name) is \(vector[index]); "
            + "directions must be finite")
      }
      return vector
    }
    if file.contains("x") && file.contains("y") {
      let axes = [try load("x"), try load("y")]
      let raw =
        file.contains("raw_x") && file.contains("raw_y")
        ? [try load("raw_x"), try load("raw_y")] : axes
      self.init(raw: raw, axes: axes, layout: weights.layout, source: .file(path))
    } else if file.contains("raw_x") && file.contains("raw_y") {
      self.init(
        raw: [try load("raw_x"), try load("raw_y")], weights: weights,
        normalization: normalization, vectors: vectors, source: .file(path))
    } else if file.contains("eigenvalues") {
      let axes = try Self.eigenvectors(file, path: path, layout: weights.layout)
      self.init(raw: axes, axes: axes, layout: weights.layout, source: .file(path))
    } else {
      throw DirectionError(
        description: "\(path): has neither arrays x and y nor raw_x and raw_y nor "
          + "eigenvalues, only \(file.names.prefix(6).joined(separator: ", "))")
    }
  }

  /// The first two vectors of a file with one array `[vectors] + shape` per tensor.
  private static func eigenvectors(
    _ file: NPZFile, path: String, layout: ParameterLayout
  ) throws -> [Vector<Float>] {
    var axes = [Vector<Float>(zeros: layout.count), Vector<Float>(zeros: layout.count)]
    for segment in layout.segments {
      let array: NumericArray
      do throws(FileFormatError) {
        array = try file.array(segment.name)
      } catch {
        throw DirectionError(description: "\(error)")
      }
      guard let count = array.shape.first, count >= 2,
        Array(array.shape.dropFirst()) == segment.shape.dimensions
      else {
        throw DirectionError(
          description: "\(path): array \(segment.name) has the shape \(array.shape), not two or "
            + "more times \(segment.shape); use eigenvectors of the same architecture, at least two"
        )
      }
      let elements = array.floats()
      let size = segment.range.count
      for axis in 0..<2 {
        let part = Vector<Float>(elements[axis * size..<(axis + 1) * size])
        if let index = part.firstNonFiniteIndex {
          throw DirectionError(
            description: "\(path): element \(index) of vector \(axis + 1) of \(segment.name) is "
              + "\(part[index]); directions must be finite")
        }
        axes[axis].setElements(from: segment.range.lowerBound, to: part)
      }
    }
    return axes
  }

  /// Writes raw and normalised directions as `.npz`, with the names that `init(file:)` reads, and the
  /// extents of the tensors: `tensor_shapes`, one row each, filled up with -1.
  package func write(to path: String) throws {
    var writer = NPZWriter()
    for (name, vectors) in [("raw_", raw), ("", axes)] {
      for (axis, vector) in zip(["x", "y"], vectors) {
        writer.add(name + axis, NumericArray(vector.array))
      }
    }
    let rank = shapes.map(\.count).max() ?? 0
    writer.add(
      "tensor_shapes",
      NumericArray(
        shapes.flatMap { $0 + [Int](repeating: -1, count: rank - $0.count) },
        shape: [shapes.count, rank]))
    try writer.write(to: path)
  }
}

extension ParameterLayout {
  /// Extents of the tensors in their order.
  fileprivate var shapes: [[Int]] { segments.map(\.shape.dimensions) }
}
