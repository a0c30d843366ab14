import LinearAlgebra
import Testing

@testable import ModelSearch

/// Which outputs are taken for those of another loss than cross-entropy.
@Suite struct OutputLookTests {
  private static let classes = 10

  /// Outputs that are near one number for the class of a sample and near another for the others.
  private func outputs(own: Double, other: Double, spread: Double) -> [Float] {
    var stream = RandomStream(seed: 1, label: "outputs")
    return (0..<200).flatMap { sample in
      (0..<Self.classes).map { k in
        Float((k == sample % Self.classes ? own : other) + spread * stream.normal())
      }
    }
  }

  @Test func outputsNearOneHotVectorsAreNumbers() throws {
    let look = OutputLook(outputs(own: 1, other: 0, spread: 0.05), classCount: Self.classes)
    guard case .numbers(let sum)? = look else {
      Issue.record("\(String(describing: look))")
      return
    }
    #expect(abs(sum - 1) < 0.05)
  }

  @Test func logitsOfEventsHaveSigmoidsNearOneHotVectors() throws {
    let look = OutputLook(outputs(own: 4, other: -6, spread: 0.5), classCount: Self.classes)
    guard case .events(let sum)? = look else {
      Issue.record("\(String(describing: look))")
      return
    }
    #expect(abs(sum - 1) < 0.1)
  }

  /// Logits of a softmax are known up to a summand; of two classes they look like events, whatever the loss.
  @Test func logitsOfASoftmaxAreNothingElse() {
    #expect(
      OutputLook(outputs(own: 6, other: -0.7, spread: 1.5), classCount: Self.classes) == nil)
    #expect(OutputLook([3, -3, -2, 2], classCount: 2) == nil)
    #expect(OutputLook([], classCount: Self.classes) == nil)
  }
}
