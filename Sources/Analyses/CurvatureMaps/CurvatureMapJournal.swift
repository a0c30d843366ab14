internal import Artifacts
internal import Communication
internal import HessianSpectra
internal import Krylov

/// A finished map with what was measured beside it.
struct CurvatureMapResult {
  let map: CurvatureMap
  let checks: [CurvatureMapSummary.Check]
  let errorFloor: Double
  let products: Int
  let seconds: Double
}

/// The finished points of a curvature map, and what was measured beside them.
struct CurvatureMapJournal {
  private let journal: SharedJournal
  /// Finished points by their index.
  private(set) var points: [Int: CurvatureMap.Point] = [:]
  /// Points that were computed again from random starts.
  private(set) var checks: [Int: CurvatureMap.Point] = [:]
  /// Error of the products; nil until it is measured.
  private(set) var errorFloor: Double?
  private var seconds = 0.0

  private static let valueCount = 11
  // Keys of points are their indices; those of checks lie below 0, behind that of the error.
  private static let errorKey = -1

  init(path: String?, configuration: some Encodable, ranks: any Communicator) throws {
    journal = try SharedJournal(path: path, configuration: configuration, ranks: ranks) {
      $0.values.count == ($0.key == Self.errorKey ? 1 : Self.valueCount)
    }
    for (key, values) in journal.records {
      if key == Self.errorKey {
        errorFloor = values[0]
      } else {
        set(key, values)
      }
    }
  }

  /// Number of points and checks that are finished.
  var finishedCount: Int { points.count + checks.count }

  private mutating func set(_ key: Int, _ values: [Double]) {
    func ritz(_ first: Int) -> RitzValue {
      RitzValue(
        value: values[first], residualBound: values[first + 1], isConverged: values[first + 2] == 1)
    }
    let point = CurvatureMap.Point(
      loss: values[0], score: values[1], largest: ritz(2), smallest: ritz(5),
      products: Int(exactly: values[8]) ?? 0, floor: values[9])
    if key >= 0 { points[key] = point } else { checks[-2 - key] = point }
    seconds += values[10]
  }

  private mutating func append(
    _ point: CurvatureMap.Point, key: Int, since started: ContinuousClock.Instant
  ) throws {
    func values(_ value: RitzValue) -> [Double] {
      [value.value, value.residualBound, value.isConverged ? 1 : 0]
    }
    let record =
      [point.loss, point.score] + values(point.largest) + values(point.smallest)
      + [Double(point.products), point.floor, (ContinuousClock().now - started) / .seconds(1)]
    set(key, record)
    try journal.append(key, record)
  }

  /// Adds a finished point.
  mutating func append(
    _ point: CurvatureMap.Point, of index: Int, since started: ContinuousClock.Instant
  ) throws { try append(point, key: index, since: started) }

  /// Adds a point that was computed again.
  mutating func append(
    check point: CurvatureMap.Point, of index: Int, since started: ContinuousClock.Instant
  ) throws { try append(point, key: -2 - index, since: started) }

  /// Adds the error of the products.
  mutating func append(errorFloor: Double) throws {
    self.errorFloor = errorFloor
    try journal.append(Self.errorKey, [errorFloor])
  }

  /// Waits until the disk holds everything.
  func synchronize() throws { try journal.synchronize() }

  /// The finished map.
  func result(xs: [Double], ys: [Double], corners: [Int]) -> CurvatureMapResult {
    let map = CurvatureMap(
      xs: xs, ys: ys,
      points: (0..<xs.count * ys.count).map { points[$0] ?? .nonFinite(loss: .nan) })
    let checks = corners.compactMap { corner -> CurvatureMapSummary.Check? in
      guard let first = points[corner], let again = self.checks[corner], first.isFinite,
        again.isFinite
      else { return nil }
      return CurvatureMapSummary.Check(
        x: xs[corner % xs.count], y: ys[corner / xs.count], largest: first.largest.value,
        largestAgain: again.largest.value, smallest: first.smallest.value,
        smallestAgain: again.smallest.value)
    }
    let products = (points.values.map(\.products) + self.checks.values.map(\.products))
      .reduce(0, +)
    return CurvatureMapResult(
      map: map, checks: checks, errorFloor: errorFloor ?? 0, products: products, seconds: seconds)
  }
}
