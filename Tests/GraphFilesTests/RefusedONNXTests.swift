import FileFormats
import Foundation
import ONNXMessages
import SwiftProtobuf
import TestSupport
import Testing

@testable import GraphFiles

/// Models that are damaged, hostile, or of a kind that is not read.
@Suite struct RefusedONNXTests {
  private func read(_ bytes: [UInt8]) throws(FileFormatError) {
    _ = try ONNXReader.read(bytes, path: Fixture.path("small.onnx"), constants: [])
  }

  /// What is said of `small.onnx` after a change.
  private func message(_ change: (inout Onnx_ModelProto) -> Void) throws -> String {
    var model = try Onnx_ModelProto(serializedBytes: try Fixture.bytes("small.onnx"))
    change(&model)
    let bytes: [UInt8] = try model.serializedBytes()
    do throws(FileFormatError) {
      try read(bytes)
      return ""
    } catch {
      return error.description
    }
  }

  private func message(
    tensor name: String, _ change: (inout Onnx_TensorProto) -> Void
  ) throws -> String {
    try message { model in
      for index in model.graph.initializer.indices
      where model.graph.initializer[index].name == name {
        change(&model.graph.initializer[index])
      }
    }
  }

  @Test func unchangedModelIsRead() throws {
    #expect(try message { _ in } == "")
  }

  @Test(arguments: [Int64(5), 29, 0, -1, .max])
  func otherOperatorSetsAreRefused(version: Int64) throws {
    let text = try message { $0.opsetImport[0].version = version }
    #expect(text.contains("uses operator set \(version); needs 6 to 28"))
    #expect(try message { $0.opsetImport = [] }.contains("uses operator set 1;"))
  }

  @Test(arguments: [
    "../Fixtures/small.onnx.data", "/etc/passwd", "a/../../small.onnx.data", "..", "", "a\\..\\b",
    "a\0b",
    "no such file", ".",
  ])
  func sidecarsLieInTheFolderOfTheModel(location: String) throws {
    let text = try message(tensor: "fc.weight") { tensor in
      for index in tensor.externalData.indices where tensor.externalData[index].key == "location" {
        tensor.externalData[index].value = location
      }
    }
    #expect(!text.isEmpty)
  }

  @Test(arguments: [
    ("offset", "-1"), ("offset", "9223372036854775807"), ("offset", "9"), ("offset", "x"),
    ("length", "15"), ("length", "-16"), ("length", "99999999999999999999"), ("offset", "24"),
  ])
  func placesInSidecarsAreChecked(key: String, value: String) throws {
    let text = try message(tensor: "fc.weight") { tensor in
      for index in tensor.externalData.indices where tensor.externalData[index].key == key {
        tensor.externalData[index].value = value
      }
    }
    #expect(text.contains("'fc.weight'"))
  }

  @Test(arguments: [[-2], [3], [], [.max, .max], [.max, 2, 0], [1 << 40]] as [[Int64]])
  func shapesMustFitTheElements(shape: [Int64]) throws {
    for name in ["conv.weight", "norm.mean", "flag", "fc.weight"] {
      #expect(try !message(tensor: name) { $0.dims = shape }.isEmpty)
    }
  }

  @Test func elementsOfOtherTypesAreRefusedByName() throws {
    let text = try message(tensor: "table") { $0.dataType = 8 }
    #expect(text.contains("'table'") && text.contains("type string"))
    #expect(try message(tensor: "table") { $0.dataType = 14 }.contains("complex64"))
    #expect(try message(tensor: "table") { $0.dataType = -7 }.contains("number -7"))
    #expect(try message { $0.graph.input[0].type.tensorType.elemType = 8 }.contains("'x'"))
  }

  @Test func inputsNeedAShape() throws {
    #expect(try message { $0.graph.input[0].clearType() }.contains("no tensor of known rank"))
  }

  @Test func storedTensorsHaveOneName() throws {
    #expect(
      try message { $0.graph.initializer.append($0.graph.initializer[0]) }.contains("two tensors"))
  }

  @Test func attributesOfOtherTypesDoNotStopTheReading() throws {
    let text = try message { model in
      var attribute = Onnx_AttributeProto()
      attribute.name = "odd"
      attribute.type = .tensor
      attribute.t.dataType = 8
      model.graph.node[0].attribute.append(attribute)
    }
    #expect(text.isEmpty)
  }

  @Test func recursiveFunctionsAreRefused() throws {
    let text = try message { model in
      model.functions[1].node[0].opType = "Twice"
      model.functions[1].node[0].output = ["k"]
    }
    #expect(text.contains("without bound"))
  }

  /// Each function calls the next one twice.
  @Test func functionsCannotExpandWithoutBound() throws {
    let text = try message { model in
      for level in 0..<60 {
        var function = Onnx_FunctionProto()
        function.domain = "own"
        function.name = "Level\(level)"
        function.opsetImport = model.functions[0].opsetImport
        for _ in 0..<2 {
          var node = Onnx_NodeProto()
          node.domain = "own"
          node.opType = "Level\(level + 1)"
          function.node.append(node)
        }
        model.functions.append(function)
      }
      var node = Onnx_NodeProto()
      node.domain = "own"
      node.opType = "Level0"
      model.graph.node.append(node)
    }
    #expect(text.contains("more than") || text.contains("without bound"))
  }

  /// Every call writes the numbers of its attributes again: a file of 0.1 MB took gigabytes.
  @Test func tensorsOfFunctionsCannotExpandWithoutBound() throws {
    let text = try message { model in
      var attribute = Onnx_AttributeProto()
      attribute.name = "numbers"
      attribute.type = .ints
      attribute.ints = [Int64](repeating: 1, count: 1 << 14)
      var function = Onnx_FunctionProto()
      function.domain = "own"
      function.name = "Large"
      function.opsetImport = model.functions[0].opsetImport
      function.attributeProto = [attribute]
      for _ in 0..<64 {
        var node = Onnx_NodeProto()
        node.opType = "Constant"
        var reference = Onnx_AttributeProto()
        reference.name = "value_ints"
        reference.refAttrName = "numbers"
        node.attribute = [reference]
        function.node.append(node)
      }
      model.functions.append(function)
      for _ in 0..<64 {
        var node = Onnx_NodeProto()
        node.domain = "own"
        node.opType = "Large"
        model.graph.node.append(node)
      }
    }
    #expect(text.contains("functions, written out, take more than"), "\(text)")
  }

  /// Tensors that share one place beside the model were as many copies of it.
  @Test func sidecarsCannotExpandWithoutBound() throws {
    try withTemporaryFolder { folder in
      try Data(count: 1 << 20).write(to: folder.appending(path: "all.data"))
      var model = try Onnx_ModelProto(serializedBytes: try Fixture.bytes("small.onnx"))
      for index in 0..<32 {
        var tensor = Onnx_TensorProto()
        tensor.name = "copy\(index)"
        tensor.dataType = 2
        tensor.dims = [1 << 20]
        tensor.dataLocation = .external
        var entry = Onnx_StringStringEntryProto()
        entry.key = "location"
        entry.value = "all.data"
        tensor.externalData = [entry]
        model.graph.initializer.insert(tensor, at: 0)
      }
      let bytes: [UInt8] = try model.serializedBytes()
      let path = folder.appending(path: "model.onnx").path
      let error = #expect(throws: FileFormatError.self) {
        _ = try ONNXReader.read(bytes, path: path, constants: [])
      }
      #expect(error?.description.contains("expands the files beside") == true)
    }
  }

  @Test func deepNestingIsAnError() throws {
    // A graph in an attribute of a node of a graph, 200 times.
    var bytes: [UInt8] = []
    for _ in 0..<200 {
      for tag: UInt8 in [0x32, 0x2A, 0x0A] {
        var length = bytes.count
        var prefix: [UInt8] = [tag]
        repeat {
          prefix.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
          length >>= 7
        } while length > 0
        bytes = prefix + bytes
      }
    }
    var length = bytes.count
    var prefix: [UInt8] = [0x3A]
    repeat {
      prefix.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
      length >>= 7
    } while length > 0
    #expect(throws: FileFormatError.self) { try read(prefix + bytes) }
  }

  @Test(arguments: ["small.onnx", "traced.onnx", "folded.onnx"])
  func damageIsAnErrorOrHarmless(file: String) throws {
    let bytes = try Fixture.bytes(file)
    try forEachDamage(bytes, step: bytes.count / 200) { damaged in
      try read(damaged)
      _ = ONNXRecognition.isModel(ByteSource(damaged[...], path: "model"))
    }
  }
}
