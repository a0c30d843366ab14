internal import Artifacts
internal import Checkpoints
internal import FileFormats
internal import Foundation
internal import HessianSpectra
internal import Krylov
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives

/// One model's curvature map: computes what is missing, each point from the Ritz vectors of a neighbour.
struct CurvatureMapRun {
  /// Everything that the values depend on.
  struct Dependencies: Encodable {
    let matrix: CurvatureRun.Dependencies
    let directions: String
    let x: GridAxis
    let y: GridAxis
    let batchNorm: SurfaceNormalization
    let steps: Int
    let tolerance: Double
    let handed: Int
  }

  private let run: CurvatureRun
  private let configuration: CurvatureMapConfiguration
  private let evaluator: SurfaceEvaluator
  private let xs: [Double]
  private let ys: [Double]
  private let order: NeighbourOrder
  private let parents: [Int: Int]
  private var journal: CurvatureMapJournal
  private var store: StartVectorStore

  init(
    _ run: CurvatureRun, _ configuration: CurvatureMapConfiguration, axes: [Vector<Float>],
    x: GridAxis, y: GridAxis, in folder: RunFolder?
  ) throws {
    self.run = run
    self.configuration = configuration
    (xs, ys) = (x.coordinates, y.coordinates)
    evaluator = SurfaceEvaluator(
      risk: run.risk, center: run.model.trained.point, axes: axes,
      normalization: configuration.surface.batchNorm)
    order = NeighbourOrder(xs: xs, ys: ys)
    parents = Dictionary(
      uniqueKeysWithValues: order.steps.compactMap { step in
        step.parent.map { (step.point, $0) }
      })
    let dependencies = Dependencies(
      matrix: run.dependencies, directions: SurfaceDependencies.digest(axes), x: x, y: y,
      batchNorm: configuration.surface.batchNorm, steps: configuration.steps,
      tolerance: configuration.tolerance, handed: configuration.handed)
    try run.context.agree(on: dependencies)
    journal = try CurvatureMapJournal(
      path: folder?.file("curvature.journal"), configuration: dependencies, ranks: run.ranks)
    store = StartVectorStore(
      in: folder, ranks: run.ranks,
      identity: SHA256.hexDigest(of: Array(try JSON.encode(dependencies).utf8)))
  }

  /// The corners, which are farthest from the first point.
  private var corners: [Int] {
    let (width, height) = (xs.count, ys.count)
    return Set([0, width - 1, (height - 1) * width, height * width - 1]).sorted()
  }

  /// Computes the map.
  mutating func evaluate() throws -> CurvatureMapResult {
    try run.context.work("curvature") { work in
      var waiting = order.childCounts
      let total = order.steps.count + corners.count
      func show(_ journal: CurvatureMapJournal, _ point: Int?) {
        let detail = point.flatMap { journal.points[$0] }.map {
          "λmax \(fourDigits($0.largest.value)), λmin \(fourDigits($0.smallest.value))"
        }
        work.show(journal.finishedCount, of: total, detail: detail ?? "")
      }
      show(journal, nil)
      for step in order.steps {
        if journal.points[step.point] == nil {
          try run.context.checkCancellation()
          try compute(step.point, isNeeded: waiting[step.point] != nil)
          show(journal, step.point)
        }
        if let parent = step.parent {
          waiting[parent, default: 1] -= 1
          if waiting[parent] == 0 { store.remove(parent) }
        }
      }
      for corner in corners where journal.checks[corner] == nil {
        try run.context.checkCancellation()
        let seconds = ContinuousClock().now
        let again = try search(corner, from: nil).point
        try journal.append(check: again, of: corner, since: seconds)
        show(journal, nil)
      }
      try journal.synchronize()
      return journal.result(xs: xs, ys: ys, corners: corners)
    }
  }

  /// Computes a point, and keeps the start of its neighbours where some are left.
  private mutating func compute(_ point: Int, isNeeded: Bool) throws {
    let started = ContinuousClock().now
    let start = try parents[point].map { try startOfNeighbours(of: $0) } ?? nil
    let found = try search(point, from: start)
    if isNeeded, let start = found.start { try store.keep(start, of: point) }
    if parents[point] == nil, journal.errorFloor == nil, let start = found.start {
      try journal.append(errorFloor: try errorFloor(point, at: start))
    }
    try journal.append(found.point, of: point, since: started)
  }

  /// The start that a finished point gives its neighbours; computed again where it is gone.
  private mutating func startOfNeighbours(of point: Int) throws -> Vector<Float>? {
    if let start = try store.vector(of: point, count: run.selection.count) { return start }
    try run.context.checkCancellation()
    let start = try parents[point].map { try startOfNeighbours(of: $0) } ?? nil
    let found = try search(point, from: start)
    if let start = found.start { try store.keep(start, of: point) }
    return found.start
  }

  /// The start of a search without a neighbour.
  private func randomStart(_ point: Int) -> Vector<Float> {
    var stream = RandomStream(
      seed: configuration.surface.seed, label: "curvature.start", index: point)
    return stream.normalVector(count: run.selection.count, pool: run.risk.pool)
  }

  /// Both ends of the spectrum at a point, and the start for its neighbours: its own where it has no spectrum.
  private func search(
    _ index: Int, from start: Vector<Float>?
  ) throws -> (point: CurvatureMap.Point, start: Vector<Float>?) {
    let point = try evaluator.point(at: [xs[index % xs.count], ys[index / xs.count]])
    let value = try run.risk.value(at: point)
    guard value.loss.isFinite else { return (.nonFinite(loss: value.loss), start) }
    let settings = try configuration.search(isFirst: start == nil)
    let matrix = try run.recordedOperator(
      vectors: settings.maximumBasisSize, inBlocks: false, at: point, warns: start == nil)
    do {
      var iteration = try LanczosIteration<Float>(
        start: start ?? randomStart(index),
        stream: RandomStream(
          seed: configuration.surface.seed, label: "curvature.continuation", index: index),
        ranks: run.ranks)
      let found = try extremalEigenpairs(
        of: matrix, continuing: &iteration, settings: settings)
      return (
        CurvatureMap.Point(
          loss: value.loss, score: value.score, largest: found.largest[0],
          smallest: found.smallest[0], products: found.applications,
          floor: max(found.roundingFloor, found.operatorDefect)),
        try iteration.startOfNeighbours(configuration.handed)
      )
    } catch KrylovError.nonFiniteProduct {
      return (.nonFinite(loss: value.loss), start)
    }
  }

  /// What single precision does to eigenvalues, measured once at a vector among the outermost eigenvectors.
  private func errorFloor(_ index: Int, at vector: Vector<Float>) throws -> Double {
    let point = try evaluator.point(at: [xs[index % xs.count], ys[index / xs.count]])
    let matrix = try run.recordedOperator(vectors: 2, inBlocks: false, at: point, warns: false)
    return try run.arithmeticError(
      of: matrix, at: vector.scaled(by: 1 / vector.norm), point: point)
  }

  /// Removes what only an interrupted run needs.
  mutating func finish() { for step in order.steps { store.remove(step.point) } }
}

extension LanczosIteration<Float> {
  /// The sum of the outermost Ritz vectors of both ends, in which a neighbouring matrix's are found soon.
  fileprivate func startOfNeighbours(_ count: Int) throws -> Vector<Float> {
    let vectors = try largestRitzVectors(count) + smallestRitzVectors(count)
    var sum = Vector<Float>(zeros: factorization.dimension)
    for vector in vectors { sum.add(vector) }
    return sum
  }
}
