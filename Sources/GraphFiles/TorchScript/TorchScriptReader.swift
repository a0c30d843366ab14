internal import FileFormats

/// The reader of files of `torch.jit.save`.
enum TorchScriptReader {
  /// Reads the code and the tensors; the graph is made when the shapes of the inputs are known.
  ///
  /// - Throws: `FileFormatError` if the file is damaged or holds no network.
  static func read(_ source: ByteSource) throws(FileFormatError) -> NetworkCode {
    let archive = try ScriptArchive(source)
    do {
      var objects = ScriptObjects(archive, fileSize: source.count)
      let network = try objects.network()
      let constants = try objects.constants()
      return try NetworkCode(
        network, library: archive, tensors: objects.tensors, constants: constants,
        heap: objects.heap)
    } catch let error as FileFormatError {
      throw error
    } catch let error as CodeRefusal {
      throw torchScriptError(.unsupported, error.description)
    } catch {
      throw torchScriptError(.malformed, "\(error)")
    }
  }
}
