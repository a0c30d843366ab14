internal import FileFormats
package import Objectives

/// A surface or line as loss-landscape has it in HDF5.
///
/// Source: `plot_surface.py` and `scheduler.py` of Li et al. 2018.
///
/// `xcoordinates` and, for a surface, `ycoordinates`; `train_loss` and `train_acc` (in percent), and the
/// same of `test`, where they were evaluated. Points that were not are -1 in all of them. `dir_file` names
/// the file of directions.
///
/// The arrays of a surface have the shape `[xs, ys]`, but lie in memory with x running fastest, since
/// points are numbered as `numpy.meshgrid` numbers them. For as many points along x as along y that is the
/// same as `[ys, xs]`.
package struct LossLandscapeFile: Sendable {
  /// What was evaluated over one split.
  package struct Part: Sendable {
    /// `train`, `test` or `val`.
    package let split: String
    /// The values; what was not evaluated is NaN.
    package let surface: LossSurface
    /// Number of points that were not evaluated.
    package let missing: Int
  }

  /// Splits of which at least one point was evaluated; there is at least one.
  package let parts: [Part]
  /// Whether there are no coordinates along y.
  package let isLine: Bool
  /// What the file calls its directions.
  package let directions: String?

  private static let splits = ["train", "test", "val"]
  /// Names of metrics behind that of the split, and by what their values are multiplied.
  package static let metrics: [(metric: Metric, name: String, factor: Double)] = [
    (.accuracy, "acc", 100), (.tokenAccuracy, "acc", 100), (.r2, "r2", 1),
  ]

  /// Reads the file at `path`.
  ///
  /// - Throws: `SurfaceError` when coordinates or losses are missing, do not fit each other, or no point
  ///   was evaluated; `FileFormatError` when the file is unreadable or damaged.
  package init(path: String) throws {
    do {
      self = try Self(try HDF5File(path: path))
    } catch let error as FileFormatError {
      throw error.inFile(path)
    } catch let error as SurfaceError {
      throw SurfaceError(description: "\(path): \(error.description)")
    }
  }

  private init(_ file: HDF5File) throws {
    let xs = try Self.coordinates(file, "xcoordinates")
    isLine = !file.contains("ycoordinates")
    let ys = isLine ? [0] : try Self.coordinates(file, "ycoordinates")
    directions = file.contains("dir_file") ? try? file.text("dir_file") : nil
    var parts: [Part] = []
    var found = false
    for split in Self.splits where file.contains("\(split)_loss") {
      found = true
      guard let part = try Self.part(file, split, xs: xs, ys: ys, isLine: isLine) else { continue }
      parts.append(part)
    }
    guard !parts.isEmpty else {
      throw SurfaceError(
        description: found
          ? "no point is evaluated yet, all are -1"
          : "has no train_loss, but \(try file.names().prefix(20).map { quoted($0) }.joined(separator: ", "))"
      )
    }
    self.parts = parts
  }

  private static func coordinates(
    _ file: HDF5File, _ name: String
  ) throws -> [Double] {
    let shape = try file.shape(of: name)
    guard shape.count == 1, (1...GridAxis.maximumCount).contains(shape[0]) else {
      throw SurfaceError(
        description:
          "\(name) has the shape \(shape), not one of 1 to \(GridAxis.maximumCount) numbers")
    }
    let values = try file.array(name).doubles()
    guard values.allSatisfy(\.isFinite) else {
      throw SurfaceError(description: "\(name) has a coordinate that is not finite")
    }
    return values
  }

  /// The values over a split; nil where no point was evaluated.
  private static func part(
    _ file: HDF5File, _ split: String, xs: [Double], ys: [Double], isLine: Bool
  ) throws -> Part? {
    func values(_ name: String) throws -> [Double] {
      let shape = try file.shape(of: name)
      // Either way x runs fastest.
      guard
        isLine
          ? shape == [xs.count] : [[xs.count, ys.count], [ys.count, xs.count]].contains(shape)
      else {
        throw SurfaceError(
          description: "\(name) has the shape \(shape), which does not fit "
            + "\(xs.count)\(isLine ? "" : " x \(ys.count)") coordinates")
      }
      return try file.array(name).doubles()
    }
    var loss = try values("\(split)_loss")
    let known = metrics.first { file.contains("\(split)_\($0.name)") }
    let stored = try known.map { try values("\(split)_\($0.name)") }
    let missing = loss.indices.filter { loss[$0] == -1 && (stored?[$0] ?? -1) == -1 }
    for index in missing { loss[index] = .nan }
    guard missing.count < loss.count else { return nil }
    let factor = known?.factor ?? 1
    return Part(
      split: split,
      surface: LossSurface(
        xs: xs, ys: ys, loss: loss, metric: known?.metric,
        score: stored.map { $0.map { $0 / factor } } ?? loss.map { _ in .nan }),
      missing: missing.count)
  }
}
