import Checkpoints
import Foundation
import LinearAlgebra
import ModelImport
import NeuralNetworks
import Objectives
import TestSupport
import Testing

/// Exported networks against PyTorch in float64 (tolerances of the design: losses 1e-5, norms of
/// gradients and products 1e-4).
@Suite(.enabled(if: SharedData.has("import/models"), SharedData.note))
struct SharedModelTests {
  static let programs =
    SharedModel.networks.map { "\($0).pt2" }
    + ["vit.dynamic.pt2", "gpt.dynamic.pt2", "sine.loss.pt2"]

  @Test(arguments: programs)
  func lossGradientAndProductOfExportedPrograms(_ file: String) throws {
    try Self.check(file)
  }

  @Test(arguments: SharedModel.networks.flatMap { ["\($0).onnx", "\($0).ts.onnx"] })
  func lossGradientAndProductOfONNXModels(_ file: String) throws {
    try Self.check(file)
  }

  static func check(_ file: String) throws {
    let one = try SharedModel(file)
    let risk = try one.risk()
    let loss = try risk.value(at: one.trained.point).loss
    let expected = try one.figures("loss")[0]
    #expect(abs(loss - expected) < 1e-5 * abs(expected), "\(loss), not \(expected)")
    let gradient = try risk.gradient(at: one.trained.point).gradient
    let norms = try one.figures("gradient_norms")
    let segments = try one.segments()
    try #require(norms.count == segments.count)
    let scale = norms.map { $0 * $0 }.reduce(0, +).squareRoot()
    for (segment, norm) in zip(segments, norms) {
      let own = gradient[segment.range].norm
      // Tensors with small gradients are as exact as the whole gradient is.
      #expect(
        abs(own - norm) < 1e-4 * max(norm, 1e-2 * scale), "\(segment.name): \(own), not \(norm)")
    }
    // The direction and the product are in PyTorch's order.
    try #require(segments.map(\.range.count).reduce(0, +) == gradient.count)
    let places = segments.flatMap { Array($0.range) }
    var direction = Vector<Float>(zeros: gradient.count)
    for (index, place) in places.enumerated() { direction[place] = Float(cos(Double(index))) }
    let product = try risk.hessianProduct(at: one.trained.point, direction: direction)
    let exact = try one.figures("product")
    let difference = zip(places, exact).map { Double(product[$0]) - $1 }
    func norm(_ x: [Double]) -> Double { x.map { $0 * $0 }.reduce(0, +).squareRoot() }
    #expect(norm(difference) < 1e-4 * norm(exact), "\(norm(difference) / norm(exact))")
  }
}
