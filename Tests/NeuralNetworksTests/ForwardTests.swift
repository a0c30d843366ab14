import ComputationGraph
import Foundation
import NeuralNetworks
import ReferenceRuntime
import TestSupport
import Testing

/// Logits of every family equal those of an independent implementation.
///
/// The golden values are printed by `Tests/Fixtures/forward_reference.py`, which fills all tensors
/// by the same formula.
@Suite struct ForwardTests {
  static let golden: [(name: String, extent: Int, logits: [Double])] = [
    (
      "mlp-6-5", 8,
      [
        -2.572129247826769, 11.074756407145204, 8.3768948912486, -16.108206466736043,
        2.7988981369907218, -0.9675619261939573,
      ]
    ),
    (
      "lenet", 32,
      [
        -4.296123187080083, -2.3833190097892603, -2.560874638004256, -4.268229548870703,
        -0.6490720422552996, -2.2091388581018583,
      ]
    ),
    (
      "vgg11-bn", 32,
      [
        7.154705679072002, -0.7993371391122861, 2.093353238496173, 6.702902609034469,
        -1.9816432110307387, 1.6668035714831633,
      ]
    ),
    (
      "resnet8-w4", 9,
      [
        -2.0260607520739224, -1.2618622158032826, -1.6595811815754677, -1.9597591071142917,
        -0.7158415223870579, -1.5872630501660498,
      ]
    ),
    (
      "resnet14-noshort-w4", 8,
      [
        -0.7007741626220144, -0.34796716514373033, 0.03920079213200407, -0.6681592372009628,
        -0.3465327093162083, -0.006921971347214821,
      ]
    ),
    (
      "resnet8-b-w4", 9,
      [
        0.23324959503053191, -1.3464027325923, -0.9399665597313758, 0.14752064942085727,
        -1.0356167031200743, -1.098636424897965,
      ]
    ),
    (
      "resnet18-w4", 16,
      [
        -0.5618241882710964, -1.3239190015097568, 6.02257204341473, 1.4247835449227577,
        -1.5758175228726343, 8.367438522794297,
      ]
    ),
    (
      "resnet34-w2", 16,
      [
        -2.664651307717391, -91.53329539994282, -69.62292959773012, -7.59344264249442,
        -168.3041976666431, -134.76404504946132,
      ]
    ),
    (
      "resnet50-w2", 16,
      [
        -43.69263636696887, 160.70466365780527, -31.479029540095606, -32.520945787348,
        184.4903987488895, -35.27489948925913,
      ]
    ),
    (
      "resnet18-imagenet-w4", 40,
      [
        6.564545443578391, -14.85329036141229, -22.821726501609508, 3.4794577739751573,
        -15.765596933090869, -27.20409714214433,
      ]
    ),
    (
      "resnet50-imagenet-w2", 40,
      [
        16.628889410332203, -76.53583352118928, 132.54277872098774, 13.669585399249378,
        -119.9815309671568, 164.5023257718314,
      ]
    ),
    (
      "wideresnet-10-2", 9,
      [
        -0.34912746081273, 1.70333305046457, 0.21400355389193493, -1.0326889297534139,
        0.8718127779396723, 1.0398972080308901,
      ]
    ),
    (
      "wideresnet-16-1", 8,
      [
        -0.20272682546966408, -3.1228063695120647, 2.0953664543387953, 1.0621117714551982,
        -2.6456686438963, 1.3986393969478643,
      ]
    ),
  ]

  /// `sin(0.37 (i^2 mod 10007) + phase)` with a phase from the letters of the name.
  private func fill(_ name: String, _ count: Int) -> [Double] {
    let phase = Double(name.utf8.reduce(0) { $0 + Int($1) } % 997)
    return (0..<count).map { sin(0.37 * Double(($0 * $0) % 10007) + phase) }
  }

  @Test(arguments: golden)
  func `logits are those of an independent implementation`(
    name: String, extent: Int, logits: [Double]
  ) throws {
    let network = try Model(
      .named(
        name, input: Architecture.Input(channels: 3, height: extent, width: extent),
        classCount: 3))
    var point = ["images": fill("images", 2 * 3 * extent * extent)]
    for segment in network.layout.segments {
      let elements = fill(segment.name, segment.shape.count)
      let scale = 2 / Double(segment.fanIn).squareRoot()
      point[segment.name] =
        switch segment.role {
        case .weight, .embedding: elements.map { $0 * scale }
        case .normScale: elements.map { 1 + 0.3 * $0 }
        case .bias, .normShift, .slope: elements.map { 0.2 * $0 }
        }
    }
    for segment in network.bufferLayout.segments {
      let elements = fill(segment.name, segment.shape.count)
      point[segment.name] =
        switch segment.role {
        case .runningMean, .fixed: elements.map { 0.2 * $0 }
        case .runningVariance: elements.map { 1 + 0.5 * $0 }
        }
    }
    var graph = Graph()
    let built = try network.instantiate(batch: 2, mode: .inference, in: &graph)
    let found = ReferenceRuntime.evaluate(graph, outputs: [built.output], inputs: point)
    #expect(relativeError(found[0], logits) < 10 * Tolerance.exactInDouble)
  }
}
