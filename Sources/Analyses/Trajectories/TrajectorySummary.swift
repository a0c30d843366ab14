public import Artifacts
internal import FileFormats
internal import Foundation
internal import LossSurfaces
internal import LinearAlgebra
public import Objectives

/// What `trajectory.json` holds: paths of weights in the plane of their principal components.
public struct TrajectorySummary: Codable, Equatable, Sendable {
  /// What the numbers of checkpoints are.
  public enum Numbering: String, Codable, Sendable {
    /// Epochs, which the checkpoints say.
    case epoch
    /// Numbers in the names of the files.
    case number
    /// Places in the order that was given, from 0 on.
    case position
  }

  /// One checkpoint.
  public struct Point: Codable, Equatable, Sendable {
    /// The file.
    public var file: String
    /// Its SHA-256.
    public var sha256: String
    /// Epoch, number or position.
    public var number: Int
    /// Coordinate of its projection along the first component.
    public var x: Double
    /// Coordinate along the second component.
    public var y: Double
    /// Distance from the plane: of the checkpoint from its projection.
    public var distance: Double
    /// Distance from the weights at the centre.
    public var distanceFromCentre: Double
    /// Mean loss of the checkpoint.
    public var loss: Double
    /// Its metric; absent where it is not a number.
    public var score: Double?
    /// Mean loss at the projection, with the running statistics of the surface.
    public var projectedLoss: Double
    /// The metric there.
    public var projectedScore: Double?
  }

  /// Random walks with the steps of a path: as many and as long, in independent directions.
  public struct Walks: Codable, Equatable, Sendable {
    /// Number of walks.
    public var count: Int
    /// Seed of their streams.
    public var seed: UInt64
    /// Mean share of each component in the variance of a walk, the largest first.
    public var shares: [Double]
    /// Standard deviations of the shares from walk to walk.
    public var deviations: [Double]
  }

  /// One training.
  public struct Path: Codable, Equatable, Sendable {
    /// Name for legends.
    public var name: String
    /// Length of the path: the sum of the distances from checkpoint to checkpoint.
    public var length: Double
    /// Distance of the last checkpoint from the first.
    public var displacement: Double
    /// Share of each principal component of this path alone in its variance, the largest first.
    public var shares: [Double]
    /// Share of the path's variance that lies in the plane.
    public var shareInPlane: Double
    /// Random walks beside it.
    public var walks: Walks
    /// The checkpoints in the order of the training.
    public var points: [Point]
  }

  /// How the result came about.
  public var provenance: Provenance
  /// Name of the network.
  public var architecture: String
  /// Number of its parameters.
  public var parameters: Int
  /// What the loss is.
  public var loss: Loss
  /// What scores are; absent where there is nothing but the loss.
  public var metric: Metric?
  /// What the numbers of the checkpoints are.
  public var numbering: Numbering
  /// Share of each principal component of all checkpoints together, the largest first; the first two
  /// are the axes of the plane.
  public var shares: [Double]
  /// The trainings.
  public var paths: [Path]

  /// Whether there is what figures are made of.
  fileprivate var isComplete: Bool {
    shares.count >= 2 && !paths.isEmpty
      && paths.allSatisfy { $0.points.count >= 3 && $0.walks.shares.count >= 2 }
  }

  /// A checkpoint in words.
  public func name(of point: Point) -> String {
    (numbering == .epoch ? "epoch" : "checkpoint") + " \(point.number)"
  }

  /// Writes the points of all paths one after the other as arrays of the same length, `path` saying
  /// which they belong to, and the inner products `gram` of their differences to the centre.
  func writeArrays(gram: SymmetricMatrix, to path: String) throws {
    let points = paths.flatMap(\.points)
    var writer = NPZWriter(isCompressed: true)
    func add(_ name: String, _ value: (Point) -> Double) {
      writer.add(name, NumericArray(points.map(value)))
    }
    writer.add(
      "path",
      NumericArray(
        paths.enumerated().flatMap { index, path in path.points.map { _ in index } }))
    writer.add("number", NumericArray(points.map(\.number)))
    add("x", \.x)
    add("y", \.y)
    add("distance", \.distance)
    add("distance_from_centre", \.distanceFromCentre)
    add("loss", \.loss)
    add("projected_loss", \.projectedLoss)
    if let metric {
      add(metric.arrayName) { $0.score ?? .nan }
      add("projected_\(metric.arrayName)") { $0.projectedScore ?? .nan }
    }
    writer.add("explained_variance_ratio", NumericArray(shares))
    let order = gram.order
    writer.add(
      "gram",
      NumericArray((0..<order * order).map { gram[$0 / order, $0 % order] }, shape: [order, order]))
    try writer.write(to: path)
  }
}

/// Paths of weights with the surface of their plane.
public struct FinishedTrajectory: Sendable {
  /// Paths, components and provenance.
  public let summary: TrajectorySummary
  /// The loss in the plane around the weights at the centre.
  public let surface: FinishedSurface

  /// Puts the parts together.
  package init(summary: TrajectorySummary, surface: FinishedSurface) {
    self.summary = summary
    self.surface = surface
  }

  /// Reads what a run wrote; nil for a folder of another kind of run.
  ///
  /// - Throws: As `FinishedSurface(folder:)`.
  public init?(folder: String) throws {
    let path = folder + "/trajectory.json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    surface = try FinishedSurface(folder: folder)
    summary = try JSON.read(TrajectorySummary.self, from: path)
    guard summary.isComplete else {
      throw AnalysisError(
        "holds no paths in a plane; run landscape trajectory again", subject: path)
    }
  }
}
