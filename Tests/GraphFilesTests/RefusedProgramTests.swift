import FileFormats
import ModelImport
import Testing

@testable import GraphFiles

/// Programs that are damaged, hostile, or of a kind that is not read.
@Suite struct RefusedProgramTests {
  private func message(_ bytes: [UInt8]) -> String {
    do {
      _ = try Fixture.exportedProgram(bytes)
      return ""
    } catch {
      return error.detail
    }
  }

  @Test func otherSchemasAreRefusedWithAdvice() throws {
    func bytes(major: Int, minor: Int, version: String) throws -> [UInt8] {
      try Fixture.small(graph: {
        $0.replacing(
          "\"major\": 8, \"minor\": 20", with: "\"major\": \(major), \"minor\": \(minor)"
        )
        .replacing(#/"torch_version": "[^"]*"/#, with: "\"torch_version\": \"\(version)\"")
      })
    }
    #expect(
      message(try bytes(major: 7, minor: 3, version: "2.5.1+cpu"))
        == "written by schema 7.3 (torch 2.5.1); needs 8.x: save it again with torch 2.6 or newer")
    #expect(
      message(try bytes(major: 5, minor: 1, version: "<=2.4"))
        == "written by schema 5.1 (torch 2.3 or 2.4); needs 8.x: save it again with torch 2.6 or newer"
    )
    #expect(
      message(try bytes(major: 9, minor: 0, version: "3.0"))
        == "written by schema 9.0 (torch 3.0); needs 8.x: save it again with torch 2.15")
  }

  @Test func unknownFieldsAndArgumentsDoNotStopTheReading() throws {
    let bytes = try Fixture.small(graph: {
      $0.replacing("\"graph_module\":", with: "\"novelty\": [1, {\"a\": null}], \"graph_module\":")
        .replacing("{\"as_float\": \"-Infinity\"}", with: "{\"as_novelty\": {\"x\": [1]}}")
    })
    let nodes = try Fixture.exportedProgram(bytes).program.nodes
    let choice = try #require(nodes.first { $0.operation == "aten.where.ScalarOther" })
    #expect(choice.arguments[2].value == .unsupported("an argument of kind as_novelty"))
  }

  /// Views of one storage that are not equal: `first.bias` becomes a part of `first.weight`.
  @Test func parametersThatShareMemoryAreRefused() throws {
    let bytes = try Fixture.small(weights: {
      // The storage of first.weight has 36 bytes, that of first.bias 12.
      $0.replacing("\"path_name\": \"weight_6\"", with: "\"path_name\": \"weight_5\"")
    })
    #expect(message(bytes).contains("'first.weight' and 'first.bias' share memory"))
  }

  /// Parts of one storage beside one another, as recurrent layers have them.
  @Test func parametersMayLieInOneStorage() throws {
    let bytes = try Fixture.small(weights: { text in
      text.replacing("\"path_name\": \"weight_6\"", with: "\"path_name\": \"weight_2\"")
    })
    // `strided` begins at element 9 of its storage of 24; `first.bias` now takes 0, 1 and 2.
    #expect(message(bytes) == "")
  }

  @Test(arguments: [
    ("\"as_int\": 3", "\"as_int\": 9223372036854775807"), ("\"as_int\": 3", "\"as_int\": -3"),
    ("\"as_int\": 9", "\"as_int\": -1"), ("\"as_int\": 9", "\"as_int\": 9223372036854775807"),
    ("\"as_int\": 3", "\"as_int\": 92233720368547758070"), ("\"as_int\": 3", "\"as_int\": 1.5"),
    ("\"as_int\": 1}]", "\"as_int\": 9223372036854775807}]"), ("\"dtype\": 7", "\"dtype\": 10"),
    ("\"dtype\": 7", "\"dtype\": 8"), ("\"dtype\": 7", "\"dtype\": 999"), ("false", "null"),
    ("\"use_pickle\": false", "\"use_pickle\": true"), ("weight_5", "../../models/model.json"),
    ("weight_5", "weight_77"), ("{\"as_int\": 3}, ", ""), ("\"config\"", "\"other\""),
    ("\"strides\": [", "\"strides\": [{\"as_int\": 1}, "), ("\"sizes\"", "\"size\""),
  ])
  func contradictionsAreErrorsOrHarmless(old: String, new: String) throws {
    _ = message(try Fixture.small(weights: { $0.replacing(old, with: new) }))
    _ = message(try Fixture.small(graph: { $0.replacing(old, with: new) }))
  }

  @Test func missingPartsAreErrors() throws {
    #expect(message(try Fixture.small(without: "weight_5")).contains("weight_5"))
    #expect(
      message(try Fixture.small(without: "weights_config.json")).contains("no tensor 'frozen'"))
    #expect(message(try Fixture.small(without: "model.json")) == "is no file of torch.export.save")
  }

  @Test(arguments: ["[", "{\"a\":", "[[", "{\"graph_module\":{\"graph\":{\"nodes\":["])
  func deepNestingIsAnError(opening: String) throws {
    let bytes = try Fixture.small(graph: { _ in String(repeating: opening, count: 1_000_000) })
    #expect(message(bytes).contains("damaged"))
  }

  @Test func smallFilesCannotExpandWithoutBound() throws {
    let bytes = try Fixture.small(weights: {
      $0.replacing(
        "\"sizes\": [{\"as_int\": 3}], \"requires_grad\": false",
        with: "\"sizes\": [{\"as_int\": 3000000000}], \"requires_grad\": false"
      ).replacing("\"strides\": [{\"as_int\": 1}]", with: "\"strides\": [{\"as_int\": 0}]")
    })
    #expect(message(bytes).contains("expands the file"))
  }

  @Test(arguments: ["small.pt2", "small-2.6.pt2", "small-2.8.pt2"])
  func damageIsAnErrorOrHarmless(file: String) throws {
    try forEachDamage(try Fixture.bytes(file), step: 97) { _ = try Fixture.exportedProgram($0) }
  }

  /// Damage that the checksums do not hide.
  @Test func damagedDescriptionsAreErrorsOrHarmless() throws {
    let archive = try ZipArchive(try Fixture.bytes("small.pt2"))
    for suffix in ["models/model.json", "weights_config.json"] {
      let entry = try #require(archive.entries.first { $0.name.hasSuffix(suffix) })
      let text = Array(try archive.contents(of: entry))
      try forEachDamage(text, step: 101) { damaged in
        let replaced = String(decoding: damaged, as: UTF8.self)
        _ = try Fixture.exportedProgram(
          try Fixture.small(
            graph: { suffix.hasSuffix("model.json") ? replaced : $0 },
            weights: { suffix.hasPrefix("weights") ? replaced : $0 }))
      }
    }
  }
}
