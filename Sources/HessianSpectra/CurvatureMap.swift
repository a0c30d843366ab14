public import FileFormats
public import Krylov

/// Both ends of the spectrum of a matrix at the points of a plane.
public struct CurvatureMap: Sendable, Equatable {
  /// What is known of one point.
  public struct Point: Sendable, Equatable {
    /// Mean loss.
    public let loss: Double
    /// The metric; NaN where there is none.
    public let score: Double
    /// The largest eigenvalue; NaN where loss or products are not finite.
    public let largest: RitzValue
    /// The smallest eigenvalue.
    public let smallest: RitzValue
    /// Products that it took.
    public let products: Int
    /// Distance below which no bound is to be believed: rounding and measured asymmetry of the products.
    public let floor: Double

    /// Creates a point.
    package init(
      loss: Double, score: Double, largest: RitzValue, smallest: RitzValue, products: Int,
      floor: Double
    ) {
      self.loss = loss
      self.score = score
      self.largest = largest
      self.smallest = smallest
      self.products = products
      self.floor = floor
    }

    /// `|lambda_min / lambda_max|`.
    public var ratio: Double { abs(smallest.value / largest.value) }

    /// Whether both ends have converged.
    public var isConverged: Bool { largest.isConverged && smallest.isConverged }

    /// Whether the eigenvalues are numbers.
    public var isFinite: Bool { largest.value.isFinite && smallest.value.isFinite }

    /// A point whose loss or products are not finite.
    package static func nonFinite(loss: Double, products: Int = 0) -> Point {
      let none = RitzValue(value: .nan, residualBound: .nan, isConverged: false)
      return Point(
        loss: loss, score: .nan, largest: none, smallest: none, products: products, floor: .nan)
    }
  }

  /// Coordinates along x.
  public let xs: [Double]
  /// Coordinates along y.
  public let ys: [Double]
  /// The points, row after row.
  public let points: [Point]

  /// Creates a map.
  package init(xs: [Double], ys: [Double], points: [Point]) {
    precondition(points.count == xs.count * ys.count, "a point at every coordinate")
    self.xs = xs
    self.ys = ys
    self.points = points
  }

  /// Writes `x`, `y` and, of shape `[ys, xs]`, `loss`, `largest`, `largest_bound`, `smallest`, `smallest_bound`, `ratio`,
  /// `largest_converged` and `smallest_converged` (1 or 0), `products` and `floor` as `.npz`.
  public func write(to path: String) throws {
    var writer = NPZWriter(isCompressed: true)
    writer.add("x", NumericArray(xs))
    writer.add("y", NumericArray(ys))
    let arrays: [(String, (Point) -> Double)] = [
      ("loss", \.loss), ("ratio", \.ratio), ("products", { Double($0.products) }),
      ("floor", \.floor),
    ]
    for (name, value) in arrays + Self.arrays("largest", \.largest)
      + Self.arrays("smallest", \.smallest)
    {
      writer.add(name, NumericArray(points.map(value), shape: [ys.count, xs.count]))
    }
    try writer.write(to: path)
  }

  /// What is written of one end of the spectrum.
  private static func arrays(
    _ name: String, _ end: @escaping (Point) -> RitzValue
  ) -> [(String, (Point) -> Double)] {
    [
      (name, { end($0).value }), (name + "_bound", { end($0).residualBound }),
      (name + "_converged", { end($0).isConverged ? 1 : 0 }),
    ]
  }

  /// Reads what `write` wrote; the metric is not in it.
  ///
  /// - Throws: `FileFormatError` when arrays are missing or their shapes do not fit.
  public init(path: String) throws(FileFormatError) {
    let file = try NPZFile(path: path)
    let (xs, ys) = (try file.array("x").doubles(), try file.array("y").doubles())
    func values(_ name: String) throws(FileFormatError) -> [Double] {
      let array = try file.array(name)
      guard array.shape == [ys.count, xs.count] else {
        throw FileFormatError(
          .malformed, format: "curvature map",
          "the array \(name) has the shape \(array.shape), not that of \(ys.count) x \(xs.count) points; run "
            + "landscape curvature again", file: path)
      }
      return array.doubles()
    }
    func end(_ name: String) throws(FileFormatError) -> [RitzValue] {
      let (found, bounds) = (try values(name), try values(name + "_bound"))
      let converged = try values(name + "_converged")
      return found.indices.map {
        RitzValue(
          value: found[$0], residualBound: bounds[$0], isConverged: converged[$0] == 1)
      }
    }
    let (loss, floor, products) = (
      try values("loss"), try values("floor"), try values("products")
    )
    let (largest, smallest) = (try end("largest"), try end("smallest"))
    self.init(
      xs: xs, ys: ys,
      points: loss.indices.map {
        Point(
          loss: loss[$0], score: .nan, largest: largest[$0], smallest: smallest[$0],
          products: Int(exactly: products[$0]) ?? 0, floor: floor[$0])
      })
  }
}
