import Artifacts
import Foundation
import TestSupport
import Testing
import Training

@Suite struct HistoryFileTests {
  private static func message(_ text: String?) throws -> String {
    try withTemporaryFolder { folder in
      if let text {
        try text.write(
          to: folder.appending(path: "history.json"), atomically: true, encoding: .utf8)
      }
      do {
        _ = try TrainingHistory(folder: folder.path)
        return ""
      } catch {
        return "\(error)"
      }
    }
  }

  @Test func missingOrDamagedHistoriesAreNamed() throws {
    let epoch = """
      {"epoch": 2, "steps": 5, "learningRate": 0.1, "trainingLoss": 1, "trainingAccuracy": 0.5, \
      "gradientNorm": 1, "seconds": 1}
      """
    #expect(try Self.message("{\"epochs\": [\(epoch)]}").isEmpty)
    for text in [
      nil, "", "{\"epochs\": [", "{\"epochs\": []}", "{\"epochs\": [{\"epoch\": 1}]}",
      "{\"epochs\": [\(epoch), \(epoch)]}",
    ] {
      let message = try Self.message(text)
      #expect(message.contains("history.json"), "\(text ?? "no file"): \(message)")
    }
  }
}
