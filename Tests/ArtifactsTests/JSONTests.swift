import Artifacts
import Foundation
import TestSupport
import Testing

@Suite struct JSONTests {
  struct Sample: Codable, Equatable {
    var zeta = 0.1
    var alpha: Float = 0.1
    var path = "a/b"
    var values: [Double] = []
  }

  @Test func keysAreSortedAndTextIsStable() throws {
    let text = try JSON.encode(Sample(values: [1, 0.5]), onOneLine: true)
    #expect(text == #"{"alpha":0.1,"path":"a/b","values":[1,0.5],"zeta":0.1}"#)
    #expect(try JSON.encode(Sample()).hasSuffix("}\n"))
  }

  @Test func nonFiniteNumbersSurvive() throws {
    let path = try temporaryPath("sample.json")
    let values: [Double] = [
      .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -0.0, .greatestFiniteMagnitude,
    ]
    try JSON.write(values, to: path)
    let read = try JSON.read([Double].self, from: path)
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try JSON.encode(values, onOneLine: true).hasPrefix(#"["inf","-inf","nan","#))
  }

  /// Also where the form has changed so much that it cannot be read at all.
  @Test(arguments: [
    #"{"schemaVersion": 99, "zeta": 1}"#, #"{"provenance": {"schemaVersion": 99}}"#,
    #"{"source": {"provenance": {"schemaVersion": 99}}, "zeta": []}"#,
    #"[{"provenance": {"schemaVersion": 1}}, {"provenance": {"schemaVersion": 99}}]"#,
  ])
  func resultsOfANewerVersionAreRefused(text: String) {
    let error = #expect(throws: ArtifactError.self) {
      try JSON.decode(Sample.self, from: Array(text.utf8), path: "summary.json")
    }
    #expect(error == .newerForm(path: "summary.json", schemaVersion: 99))
    #expect(error?.description.contains("schemaVersion 99") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func everyDoubleReadsBackToItself() throws {
    var state: UInt64 = 1
    let values = (0..<2000).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(bitPattern: state)
    }.filter(\.isFinite)
    let text = try JSON.encode(values)
    #expect(try JSON.decode([Double].self, from: Array(text.utf8), path: "x") == values)
  }

  @Test(arguments: [
    (#"{"zeta": 1}"#, "a.json: has no entry 'alpha'"),
    (#"{"alpha":1,"path":"","values":[1,"x"],"zeta":1}"#, "a.json: entry 'values.1' is no Double"),
    (#"{"alpha":1,"path":1,"values":[],"zeta":1}"#, "a.json: entry 'path' is no String"),
    ("{", "a.json: is not valid JSON"),
  ])
  func errorsSayWhere(text: String, message: String) {
    let error = #expect(throws: ArtifactError.self) {
      try JSON.decode(Sample.self, from: Array(text.utf8), path: "a.json")
    }
    #expect(error?.description == message)
  }

  @Test func provenanceIsReadBack() throws {
    var provenance = Provenance(
      command: ["landscape", "plot"], version: "0.1.0", threads: 2,
      date: Date(timeIntervalSince1970: 0))
    provenance.seeds = ["directions": UInt64.max]
    provenance.models = [.init(path: "model.ckpt", sha256: "ab", format: "safetensors")]
    provenance.data = .init(
      name: "cifar10", split: "train", digest: "cd", samples: 4660, path: "digits")
    provenance.wallSeconds = 1.25
    #expect(provenance.date == "1970-01-01T00:00:00Z")
    let path = try temporaryPath("summary.json")
    try JSON.write(provenance, to: path)
    #expect(try JSON.read(Provenance.self, from: path) == provenance)
  }

  @Test(arguments: [
    ("runs/sam/epochs/epoch-06.ckpt", "sam/epoch-06"), ("epochs/other.ckpt", "other"),
    ("runs/sam/model.ckpt", "sam/model"), ("runs/sam/../sgd/./last.ckpt", "sgd/last"),
    ("/runs/sam/best.ckpt", "sam/best"), ("runs/resnet20.th", "resnet20"),
    ("resnet20.th", "resnet20"),
  ])
  func filesOfTrainingsAreNamedAfterTheirFolder(path: String, title: String) {
    #expect(Provenance.InputFile(path: path, sha256: "", format: nil).title == title)
  }

  @Test func filesInTheCurrentFolderAreNamedAfterItToo() {
    let file = Provenance.InputFile(path: "model.ckpt", sha256: "", format: nil)
    let folder = URL(filePath: FileManager.default.currentDirectoryPath).lastPathComponent
    #expect(file.title == "\(folder)/model" && file.path.hasPrefix("/"))
  }
}
