import Foundation
import TestSupport
import Testing

/// The commands of curvature as a user runs them, on a small network that was trained before.
@Suite(.serialized) struct HessianCommandTests {
  private static let model = SharedData.packageFolder
    .appending(path: "Tests/Reference/digits-mlp.ckpt").path
  private static let quick = ["--samples", "64", "--quiet"]

  private func json(_ arguments: [String], in folder: URL) throws -> Any {
    let run = try CommandRun("hessian", arguments + Self.quick + ["--json"], in: folder)
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    return try JSONSerialization.jsonObject(with: Data(run.output.utf8))
  }

  private func first(_ arguments: [String], in folder: URL) throws -> [String: Any] {
    try #require((json(arguments, in: folder) as? [[String: Any]])?.first)
  }

  private func values(_ spectrum: [String: Any], _ key: String) throws -> [Double] {
    let found = try #require((spectrum["spectrum"] as? [String: Any])?[key] as? [[String: Any]])
    return found.compactMap { $0["value"] as? Double }
  }

  /// A run of m steps has m eigenvalues: no default may ask for more.
  @Test(arguments: [1, 5]) func fewStepsGiveFewEigenvalues(steps: Int) throws {
    try withTemporaryFolder { folder in
      let summary = try first(
        ["spectrum", Self.model, "--lanczos", "\(steps)", "--dpi", "50"], in: folder)
      #expect(try values(summary, "largest").count == steps)
      #expect(try values(summary, "smallest").count == min(steps, 2))
    }
  }
}
