import Foundation
import PythonSyntax
import Testing

/// Texts that nobody wrote: read or refused, never a trap.
@Suite struct PythonFuzzTests {
  private static let count =
    ProcessInfo.processInfo.environment["BASIN_FUZZ"].flatMap { Int($0) } ?? 2000

  private static let text = """
    class Net(Module):
      __parameters__ = ["weight", ]
      weight : Tensor
      def forward(self: __torch__.Net,
        x: Tensor, y: Optional[Tensor]=None) -> Tensor:
        '''text'''
        _0 = ops.prim.NumToTensor(torch.size(x, 0))
        x0 = torch.view(x, [int(_0), -1], alpha=1.5e-3)
        if torch.__isnot__(y, None):
          z, w, = x0, [f"{i}" for i in range(3) if not i]
        else:
          z = x[:, 1:2, ..., None] ** 2 if y is None else -x0
        for _1 in range(2):
          z += {"a": 1, 'b': 2}["a"]
        return (z).forward(x0, )
    """

  @Test func mutatedTextsAreReadOrRefused() {
    let bytes = Array(Self.text.utf8)
    let pool = Array("()[]{}:,.'\"\\ \n\t#=+-*@!fr0x_eE".utf8) + [0, 0x80, 0xFF, 0xC3]
    var generator = SystemGenerator(state: 1)
    for _ in 0..<Self.count {
      var mutated = bytes
      for _ in 0...Int.random(in: 0..<6, using: &generator) {
        let place = Int.random(in: 0..<mutated.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: mutated[place] = pool[Int.random(in: 0..<pool.count, using: &generator)]
        case 1: mutated.remove(at: place)
        case 2: mutated.insert(pool[Int.random(in: 0..<pool.count, using: &generator)], at: place)
        default:
          let end = min(place + 40, mutated.count)
          mutated.insert(
            contentsOf: mutated[place..<end],
            at: Int.random(in: 0..<mutated.count, using: &generator))
        }
      }
      let text = String(decoding: mutated, as: UTF8.self)
      for isLenient in [false, true] {
        guard let read = try? PythonText(text, isLenient: isLenient) else { continue }
        for statement in read.statements {
          guard case .type(let type) = statement.kind else { continue }
          for case .function(let function) in type.body.map(\.kind) { _ = try? function.body() }
        }
      }
    }
  }

  /// Repeats itself from one run to the next.
  private struct SystemGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }
}
