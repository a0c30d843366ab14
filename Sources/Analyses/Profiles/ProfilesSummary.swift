package import Artifacts
package import LossSurfaces
package import Objectives

/// What `summary.json` of profiles holds.
package struct ProfilesSummary: Codable, Equatable, Sendable {
  /// `profiles`.
  package var kind: String
  /// How the result came about.
  package var provenance: Provenance
  /// Name of the network.
  package var architecture: String
  /// Number of its parameters.
  package var parameters: Int
  /// What the loss is.
  package var loss: Loss
  /// What `score` is; absent where there is nothing but the loss.
  package var metric: Metric?
  /// The weights themselves.
  package var center: SurfaceSummary.Point
  /// Values whose loss is NaN or infinite; they are kept in the arrays.
  package var nonFinitePoints: Int
  /// Coordinates along every direction.
  package var x: GridAxis
  /// Pairs of directions.
  package var pairs: Int
  /// The directions: their norms in the order of the profiles.
  package var directions: SurfaceSummary.Directions
  /// How wide the profiles are.
  package var width: WidthSpread
  /// Time of all evaluations, in seconds, also of earlier runs that were interrupted.
  package var evaluationSeconds: Double

  /// Name for titles: the model's file and its architecture.
  package var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// Name of the file of arrays beside the summary.
  package static let arraysFile = "profiles.npz"
}

/// Profiles with what is said about them.
package struct FinishedProfiles: Sendable {
  /// Numbers and provenance.
  package let summary: ProfilesSummary
  /// The values.
  package let profiles: LossProfiles

  /// Puts profiles and their summary together.
  init(summary: ProfilesSummary, profiles: LossProfiles) {
    self.summary = summary
    self.profiles = profiles
  }

  /// Reads what a run wrote.
  ///
  /// - Throws: `ArtifactError` and `SurfaceError` for files that are missing or damaged.
  package init(folder: String) throws {
    summary = try JSON.read(ProfilesSummary.self, from: folder + "/summary.json")
    profiles = try LossProfiles(path: folder + "/" + ProfilesSummary.arraysFile)
  }
}
