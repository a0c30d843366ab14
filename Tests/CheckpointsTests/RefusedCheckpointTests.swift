import FileFormats
import Testing

@testable import Checkpoints

@Suite struct RefusedCheckpointTests {
  /// The text of the error without the path.
  static func refusal(_ name: String) -> String? {
    let path = Fixture.path(name)
    let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
    let text = error?.description ?? ""
    #expect(text.hasPrefix(path + ": "))
    #expect(!text.contains("\n"))
    return String(text.dropFirst(path.count + 2))
  }

  @Test(arguments: ["attack.pt", "attack-legacy.pt"])
  func programsAreNamedAndNotRun(name: String) {
    #expect(
      Self.refusal(name)
        == "names 'posix.system', which is not needed to read tensors; it was not run; "
        + "do not load it with a program that would")
  }

  @Test(arguments: [
    ("custom.pt", "'models.resnet.ResNet'"), ("custom.pt", "save model.state_dict() instead"),
    ("empty.pt", "holds no state dict; its keys are 'epoch'"),
    (
      "two.pt",
      "holds 2 state dicts ('generator', 'discriminator'), and none is the usual one; choose one with "
        + "`weights`"
    ),
    ("old.tar", "tar file"),
    ("generate.py", "neither PyTorch, safetensors nor npz (it starts with 22 22 22 4d)"),
    ("nothing.pt", "cannot read: No such file or directory; give the path of a checkpoint"),
  ])
  func errorsSayWhatIsWrong(name: String, text: String) {
    #expect(Self.refusal(name)?.contains(text) == true, "\(Self.refusal(name) ?? "")")
  }

  @Test(arguments: [
    "zip.pt", "legacy.pt", "types-legacy.pt", "views.pt", "views-legacy.pt", "parallel.pt",
    "lightning.ckpt", "arrays.pkl", "arrays.npz", "net.pt", "net-state.pth",
    "device-numpy.pt", "tensors.pkl", "settings-legacy.pt", "reparametrized-old.pt",
  ])
  func damageIsAnErrorOrHarmless(name: String) throws {
    let bytes = try FileBytes.read(Fixture.path(name))
    let step = bytes.count / 200 + 1
    for length in stride(from: 0, to: bytes.count, by: step) {
      #expect(throws: FileFormatError.self, "cut off at \(length)") {
        try CheckpointFile.read(Array(bytes[..<length]), path: name)
      }
    }
    for index in stride(from: 0, to: bytes.count, by: step) {
      for value: UInt8 in [0x00, 0x52, 0x80, 0xFF, bytes[index] ^ 1] {
        var damaged = bytes
        damaged[index] = value
        do throws(FileFormatError) {
          _ = try CheckpointFile.read(damaged, path: name)
        } catch {
          #expect(!error.description.contains("\n"))
        }
      }
    }
  }
}
