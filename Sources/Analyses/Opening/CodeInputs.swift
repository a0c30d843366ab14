internal import Settings
internal import Datasets
internal import GraphFiles
internal import ModelImport

extension OpenedData {
  /// One sample as the inputs of a network that is held as code.
  ///
  /// - Throws: `AnalysisError` where the network takes arrays that the data do not have.
  func inputs(of code: CodeFile) throws -> [ProgramInput] {
    let names = code.inputNames
    switch self {
    case .images(let data):
      guard names.count == 1 else {
        throw AnalysisError(
          "takes \(names.joined(separator: ", ")); give \(.data) arrays of these "
            + "names, an .npz or safetensors file", subject: code.path)
      }
      let shape = data.shape
      return [
        ProgramInput(
          name: names[0], element: .real, shape: [1, shape.channels, shape.height, shape.width])
      ]
    case .arrays(let data):
      let arrays = data.samples.inputs
      return try names.map { name in
        let only = names.count == 1 && arrays.count == 1 ? arrays.first : nil
        guard let array = arrays.first(where: { $0.name == name }) ?? only else {
          throw AnalysisError(
            "takes \(names.joined(separator: ", ")), but \(data.source) has "
              + "\(arrays.map(\.name).joined(separator: ", ")); name the arrays alike",
            subject: code.path)
        }
        return ProgramInput(
          name: name, element: array.isInteger ? .integer : .real, shape: [1] + array.shape)
      }
    }
  }
}
