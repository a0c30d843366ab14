/// Throws after a number of steps.
final class Countdown {
  struct Ended: Error {}
  private var left: Int?
  init(_ steps: Int?) { left = steps }
  func step() throws {
    guard let left else { return }
    if left == 0 { throw Ended() }
    self.left = left - 1
  }
}
