import FileFormats
import Foundation

/// A folder that is none of transformers: what it is, and the one thing to do.
enum FolderWithoutNetwork {
  /// Endings of files that may be checkpoints.
  private static let endings = [
    "safetensors", "pth", "pt", "pt2", "ckpt", "th", "bin", "onnx", "npz", "tar", "pkl", "t7",
  ]

  /// The error that says so; it names the checkpoints in the folder.
  static func error(_ folder: String) -> CheckpointError {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    func has(_ name: String) -> Bool { names.contains(name) }
    let text: String
    if has("data.pkl") {
      text =
        "is an unpacked PyTorch file; give the file itself, or pack it again (zip -0 -r FILE.pt "
        + "\((folder as NSString).lastPathComponent))"
    } else if has("saved_model.pb") {
      text = "is a folder of TensorFlow; export the weights as safetensors"
    } else if names.contains(where: { $0.hasSuffix(".distcp") }) {
      text =
        "is a distributed checkpoint; make one file of it with python -m "
        + "torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER FILE"
    } else {
      text = files(in: folder, names)
    }
    return CheckpointError(folder, text)
  }

  private static func files(in folder: String, _ names: [String]) -> String {
    let files = names.filter { endings.contains(($0 as NSString).pathExtension.lowercased()) }
    guard let first = files.first else {
      return "is a folder without config.json; give a checkpoint, or a folder of transformers with "
        + "config.json and model.safetensors"
    }
    let path = (folder as NSString).appendingPathComponent(first)
    return files.count == 1
      ? "is a folder without config.json; give the file in it: \(path)"
      : "is a folder without config.json; give one of the files in it: "
        + files.prefix(4).joined(separator: ", ") + (files.count > 4 ? ", ..." : "")
  }
}
