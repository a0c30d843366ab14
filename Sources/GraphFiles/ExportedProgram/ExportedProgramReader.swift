internal import Checkpoints
internal import FileFormats
internal import ModelImport

/// The reader of files of `torch.export.save`.
enum ExportedProgramReader {
  /// Reads graph and tensors.
  ///
  /// - Throws: `FileFormatError` if the file is damaged or another schema wrote it.
  static func read(_ source: ByteSource) throws(FileFormatError) -> GraphContents {
    let archive = try ExportedProgramArchive(source)
    let serialized = try decodeJSON(SerializedProgram.self, from: archive.json, name: "the graph")
    guard let module = serialized.module else { throw otherSchema(serialized) }
    let graph = module.graph

    var builder = ExportedTensors(archive, fileSize: source.count, values: graph.tensors)
    var inputs: [ProgramInput] = []
    for input in module.signature.inputs {
      switch input {
      case .parameter(let value, let name): try builder.add(parameter: name, value: value)
      case .buffer(let value, let name, let isPersistent):
        try builder.add(buffer: name, value: value, isPersistent: isPersistent)
      case .constant(let value, let name): try builder.add(constant: name, value: value)
      case .data(.value(let name)):
        let tensor = graph.tensors[name]
        inputs.append(
          ProgramInput(
            name: name, element: tensor?.element ?? .integer, shape: tensor?.shape ?? []))
      case .data, .other: break
      }
    }
    try builder.checkOverlaps()

    var nodes = ExportedNodes(shapes: graph.tensors.mapValues(\.shape))
    nodes.append(graph)
    var program = GraphProgram(
      dialect: .aten, inputs: inputs, tensors: builder.tensors, nodes: nodes.nodes, outputs: [],
      shapes: nodes.shapes)
    for output in module.signature.outputs {
      switch output {
      case .data(.value(let name)): program.outputs.append(name)
      // Results keep their places, by which a user chooses one.
      case .data: program.outputs.append("")
      case .update(let value, let buffer): program.updates[buffer] = value
      case .other: break
      }
    }
    return GraphContents(program: program, tensors: builder.stored)
  }

  private static func otherSchema(_ program: SerializedProgram) -> FileFormatError {
    let isOlder = program.major < SerializedProgram.major
    let known = [
      5: "torch 2.3 or 2.4", 6: "torch 2.4", 7: "torch 2.5",
    ]
    let version = program.torchVersion.flatMap { version -> String? in
      let number = version.prefix { $0.isNumber || $0 == "." }
      return number.isEmpty ? nil : "torch \(number.prefix(20))"
    }
    let writer = (version ?? known[program.major]).map { " (\($0))" } ?? ""
    return exportedProgramError(
      .unsupported,
      "written by schema \(program.major).\(program.minor)\(writer); needs "
        + "\(SerializedProgram.major).x: save it again with torch "
        + (isOlder ? "2.6 or newer" : "2.15"))
  }
}
