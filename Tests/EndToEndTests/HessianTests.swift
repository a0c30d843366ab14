import DigitsReference
import Foundation
import TestSupport
import Testing

/// The commands of curvature as a user runs them, on a small network that was trained before.
@Suite(.serialized) struct HessianCommandTests {
  private static let reference = Result { try DigitsReference(.mlp) }
  private static let model = SharedData.packageFolder
    .appending(path: "Tests/Reference/digits-mlp.ckpt").path
  /// The samples of the reference.
  private static let quick = ["--samples", "128", "--quiet"]

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

  @Test(arguments: ["hutchinson", "hutch++", "xtrace"])
  func tracesAreThoseOfTheDenseMatrix(method: String) throws {
    try withTemporaryFolder { folder in
      let summary = try first(
        ["trace", Self.model, "--method", method, "--products", "60"], in: folder)
      let trace = try #require(summary["trace"] as? [String: Any])
      let value = try #require(trace["value"] as? Double)
      let error = try #require(trace["standardError"] as? Double)
      let exact = try #require(Self.reference.get().figures.eigenvalues.trace)
      #expect(error > 0 && abs(value - exact) < 4 * error, "\(value) ± \(error), not \(exact)")
      #expect(abs((summary["meanEigenvalue"] as? Double ?? 0) - value / 1210) < 1e-12)
      // Two products that must repeat are beside those of the estimate.
      #expect((summary["products"] as? Int ?? 0) <= 62)
      #expect(
        FileManager.default.fileExists(
          atPath: folder.appending(path: "hessian-digits-mlp/trace.json").path))
    }
  }

  /// Blocks on the diagonal: their traces add up, and their eigenvalues lie below the largest.
  @Test(arguments: [("layer", ["fc1", "fc2"]), ("tensor", nil)])
  func layersAreBlocksOfTheWhole(by division: String, names: [String]?) throws {
    try withTemporaryFolder { folder in
      let figures = try Self.reference.get().figures.eigenvalues
      let summary = try #require(
        json(
          ["layers", Self.model, "--by", division, "--trace-samples", "40", "--dpi", "50"],
          in: folder) as? [String: Any])
      let layers = try #require(summary["layers"] as? [[String: Any]])
      #expect(
        layers.compactMap { $0["name"] as? String }
          == names ?? ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"])
      let traces = layers.compactMap { $0["trace"] as? [String: Any] }
      let sum = traces.reduce(0) { $0 + ($1["value"] as? Double ?? .nan) }
      let variance = traces.reduce(0) {
        let error = $1["standardError"] as? Double ?? .nan
        return $0 + error * error
      }
      let exact = try #require(figures.trace)
      #expect(abs(sum - exact) < 4 * variance.squareRoot() + 1e-4, "\(sum), not \(exact)")
      for layer in layers {
        let largest = (layer["largest"] as? [String: Any])?["value"] as? Double ?? .nan
        #expect(largest > 0 && largest < figures.largest[0] * (1 + 1e-6))
        #expect(layer["arithmeticFloor"] as? Double ?? .nan < 1e-4 * figures.largest[0])
      }
      for file in ["layers.json", "layers.csv", "layers.png"] {
        #expect(
          FileManager.default.fileExists(
            atPath: folder.appending(path: "hessian-digits-mlp/\(file)").path), "\(file)")
      }
    }
  }

  @Test(arguments: ["hessian", "gauss-newton", "fisher"])
  func spectraOfEveryMatrixAreThoseInFloat64(matrix: String) throws {
    try withTemporaryFolder { folder in
      let figures = try Self.reference.get().figures.eigenvalues
      let exact = try #require(
        matrix == "hessian"
          ? figures.largest : matrix == "fisher" ? figures.fisher : figures.gaussNewton)
      let summary = try first(
        ["spectrum", Self.model, "--matrix", matrix, "--lanczos", "50", "--top", "5"]
          + ["--dpi", "50"], in: folder)
      let found = try values(summary, "largest")
      #expect(found.count == 5)
      for (value, expected) in zip(found, exact) {
        #expect(abs(value - expected) < 1e-5 * exact[0], "\(value), not \(expected)")
      }
      let source = try #require(summary["source"] as? [String: Any])
      #expect(source["matrix"] as? String == matrix)
    }
  }

  /// Its labels have a seed of their own; more draws come nearer to the Gauss-Newton matrix.
  @Test func theSampledFisherMatrixDrawsItsLabels() throws {
    try withTemporaryFolder { folder in
      let exact = try #require(Self.reference.get().figures.eigenvalues.gaussNewton)
      func largest(_ draws: Int, seed: Int) throws -> Double {
        let summary = try first(
          ["spectrum", Self.model, "--matrix", "sampled-fisher", "--label-draws", "\(draws)"]
            + ["--seed", "\(seed)", "--lanczos", "20", "--top", "1", "--bottom", "1"]
            + ["--dpi", "50", "-o", "draws-\(draws)-\(seed)"], in: folder)
        let source = summary["source"] as? [String: Any]
        let seeds = (source?["provenance"] as? [String: Any])?["seeds"] as? [String: Int]
        #expect(seeds == ["vectors": seed, "labels": seed])
        #expect(try (values(summary, "smallest").first ?? -1) > -1e-4)
        return try #require(values(summary, "largest").first)
      }
      let (one, other) = (try largest(1, seed: 1), try largest(1, seed: 2))
      #expect(one != other)
      #expect(abs(try largest(40, seed: 1) - exact[0]) < 0.1 * exact[0])
    }
  }

  @Test func aBlockOfChosenParametersIsNamedWithItsSize() throws {
    try withTemporaryFolder { folder in
      let summary = try first(
        ["spectrum", Self.model, "--parameters", "fc2.*", "--lanczos", "20", "--dpi", "50"],
        in: folder)
      let source = try #require(summary["source"] as? [String: Any])
      #expect(source["dimension"] as? Int == 170 && source["parameters"] as? Int == 1210)
      #expect(source["selection"] as? String == "parameters fc2.*")
    }
  }

  @Test func errorsAreOneLineWithTheRightExitCode() throws {
    try withTemporaryFolder { folder in
      let cases: [(arguments: [String], status: Int32, text: String)] = [
        (["trace", Self.model, "--products", "3"], 64, "--products"),
        (["trace", Self.model, "--method", "power"], 64, "power"),
        (["trace", Self.model, "--relative-error", "0.1"], 64, "--relative-error"),
        (["layers", Self.model, "--by", "block"], 64, "block"),
        (["layers", Self.model, "--mask", "mask.npz"], 64, "--mask"),
        (["layers", Self.model, "--parameters", "conv*"], 1, "conv*"),
        (["spectrum", Self.model, "--mask", "mask.npz"], 1, "mask.npz"),
        (["spectrum", Self.model, "--lanczos", "5", "--top", "6"], 64, "--top 6"),
        (["spectrum", Self.model, "--matrix", "jacobian"], 64, "jacobian"),
        (["spectrum", Self.model, "--memory", "lots"], 64, "lots"),
      ]
      for (arguments, status, text) in cases {
        let run = try CommandRun("hessian", arguments + ["--samples", "8"], in: folder)
        #expect(run.status == status, "\(arguments): \(run.status) \(run.errors)")
        #expect(run.errors.contains(text), "\(arguments): \(run.errors)")
        let messages = run.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
        #expect(status == 64 || messages.count == 1, "\(arguments): \(run.errors)")
      }
    }
  }
}
