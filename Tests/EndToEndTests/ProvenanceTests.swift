import Foundation
import TestSupport
import Testing

/// Every result says where it comes from, whichever command made it.
@Suite(.serialized) struct ProvenanceTests {
  private func json(_ run: CommandRun) throws -> Any {
    #expect(run.status == 0, "\(run.errors)")
    return try JSONSerialization.jsonObject(with: Data(run.output.utf8))
  }

  /// The provenance of the first result in what a command printed.
  private func provenance(_ output: Any) throws -> [String: Any] {
    let result = try #require((output as? [Any])?.first ?? output) as? [String: Any]
    let holder = result?["source"] as? [String: Any] ?? result
    return try #require(holder?["provenance"] as? [String: Any])
  }

  private func check(_ record: [String: Any], _ command: String, isAnalysis: Bool) throws {
    func value<Value>(_ key: String, _ type: Value.Type) throws -> Value {
      try #require(record[key] as? Value, "\(command): \(key)")
    }
    #expect(try value("command", [String].self).count > 1)
    #expect(try value("version", String.self) == "0.1.0")
    #expect(try value("schemaVersion", Int.self) == 1)
    #expect(try value("threads", Int.self) > 0)
    #expect(try value("wallSeconds", Double.self) > 0, "\(command)")
    #expect(try value("warnings", [String].self).isEmpty)
    _ = try value("seeds", [String: Any].self)
    _ = try value("date", String.self)
    _ = try value("batchNormalization", String.self)
    _ = try value("weightDecay", Double.self)
    _ = try value("lossIncludesWeightDecay", Bool.self)
    let libraries = try value("libraries", [String: String].self)
    #expect(Set(libraries.keys) == ["oneDNN", "OpenBLAS", "instruction set"], "\(command)")
    #expect(libraries.values.allSatisfy { !$0.isEmpty && $0 != "unknown" }, "\(libraries)")
    let settings = try value("settings", [String: String].self)
    for key in ["normalization", "labels", "convolution", "convolution rule"] {
      #expect(settings[key]?.isEmpty == false, "\(command): \(key)")
    }
    #expect(settings["convolution"] == "direct", "\(command)")
    let data = try value("data", [String: Any].self)
    #expect(data["name"] as? String == "digits" && data["path"] as? String == "digits")
    #expect((data["digest"] as? String)?.count == 64 && data["split"] as? String == "train")
    #expect((data["samples"] as? Int ?? 0) > 0)
    guard isAnalysis else { return }
    let models = try value("models", [[String: Any]].self)
    #expect(models.first?["format"] as? String == "safetensors", "\(command)")
    #expect((models.first?["sha256"] as? String)?.count == 64)
    #expect((models.first?["path"] as? String)?.hasSuffix("/model.ckpt") == true)
  }

  @Test func noCommandForgetsAPartOfIt() throws {
    try withTemporaryFolder { folder in
      let tiny = ["--architecture", "linear", "--epochs", "1", "--convolution", "direct"]
      let common = ["--json", "--quiet", "--convolution", "direct"]
      let train = try CommandRun("trainer", ["train", "--json", "--quiet"] + tiny, in: folder)
      try check(provenance(json(train)), "train", isAnalysis: false)
      let sweep = try CommandRun(
        "trainer",
        ["sweep", "--optimizers", "sgd,ssam-f", "--sparsity", "0.5", "--json", "--quiet"] + tiny,
        in: folder)
      try check(provenance(json(sweep)), "sweep", isAnalysis: false)
      let analyses: [(String, [String])] = [
        ("trainer", ["evaluate"]),
        ("landscape", ["grid", "--samples", "16", "--x", "-1:1:2", "--y", "-1:1:2"]),
        (
          "landscape",
          ["line", "--to", "model.ckpt", "--samples", "16", "--x", "0:1:2", "--dpi", "50"]
        ),
        ("gradratio", ["histogram", "--samples", "16", "--dpi", "50"]),
        (
          "hessian", ["spectrum", "--samples", "16", "--lanczos", "6", "--top", "3", "--dpi", "50"]
        ),
        ("hessian", ["trace", "--samples", "16", "--products", "12"]),
        ("hessian", ["layers", "--samples", "16", "--lanczos", "6", "--dpi", "50"]),
      ]
      for (tool, arguments) in analyses {
        let run = try CommandRun(tool, arguments + common, in: folder)
        try check(provenance(json(run)), arguments[0], isAnalysis: true)
      }
    }
  }

  /// Both ends of a line are networks that went into it.
  @Test func aLineNamesBothCheckpoints() throws {
    try withTemporaryFolder { folder in
      for seed in ["1", "2"] {
        let train = try CommandRun(
          "trainer",
          ["train", "--architecture", "linear", "--epochs", "1", "--quiet", "-o", "run\(seed)"]
            + ["--seed", seed], in: folder)
        #expect(train.status == 0, "\(train.errors)")
      }
      let line = try CommandRun(
        "landscape",
        ["line", "run1/model.ckpt", "--to", "run2/model.ckpt", "--samples", "16", "--x", "0:1:2"]
          + ["--dpi", "50", "--json", "--quiet"], in: folder)
      let models = try provenance(json(line))["models"] as? [[String: Any]]
      #expect(
        models?.compactMap { $0["path"] as? String }.map { $0.suffix(15) } == [
          "run1/model.ckpt", "run2/model.ckpt",
        ])
    }
  }
}
