public import Artifacts
public import LossSurfaces
public import Objectives

/// What `summary.json` of profiles holds.
public struct ProfilesSummary: Codable, Equatable, Sendable {
  /// `profiles`.
  public var kind: String
  /// How the result came about.
  public var provenance: Provenance
  /// Name of the network.
  public var architecture: String
  /// Number of its parameters.
  public var parameters: Int
  /// What the loss is.
  public var loss: Loss
  /// What `score` is; absent where there is nothing but the loss.
  public var metric: Metric?
  /// The weights themselves.
  public var center: SurfaceSummary.Point
  /// Values whose loss is NaN or infinite; they are kept in the arrays.
  public var nonFinitePoints: Int
  /// Coordinates along every direction.
  public var x: GridAxis
  /// Pairs of directions.
  public var pairs: Int
  /// The directions: their norms in the order of the profiles.
  public var directions: SurfaceSummary.Directions
  /// How wide the profiles are.
  public var width: WidthSpread
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  public var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  public var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// Name of the file of arrays beside the summary.
  public static let arraysFile = "profiles.npz"
}

/// Profiles with what is said about them.
public struct FinishedProfiles: Sendable {
  /// Numbers and provenance.
  public let summary: ProfilesSummary
  /// The values.
  public let profiles: LossProfiles

  /// Puts profiles and their summary together.
  init(summary: ProfilesSummary, profiles: LossProfiles) {
    self.summary = summary
    self.profiles = profiles
  }

  /// Reads what a run wrote.
  ///
  /// - Throws: `ArtifactError` and `SurfaceError` for files that are missing or damaged.
  public init(folder: String) throws {
    summary = try JSON.read(ProfilesSummary.self, from: folder + "/summary.json")
    profiles = try LossProfiles(path: folder + "/" + ProfilesSummary.arraysFile)
  }
}
