// A loss of one's own: the focal loss -(1 - p)^gamma log p of the right class (Lin et al. 2017,
// arXiv:1708.02002), written as the end of the network. First and second derivatives follow from the
// operations of the graph.
import Basin

/// A linear classifier of the digits that gives the focal loss of each sample.
struct FocalNetwork: ModelDefinition {
  let gamma: Double
  let classes = 10

  var modelName: String { "focal loss, gamma \(gamma)" }

  /// Besides the image, the right class as a one-hot vector.
  var inputs: [ModelInput] {
    [ModelInput("images", [1, 8, 8]), ModelInput("rightClass", [classes])]
  }

  func build(_ inputs: [Value], in builder: inout ModelBuilder) throws(ShapeError) -> [Value] {
    let features = try builder.flatten(inputs[0])
    let logits = try builder.linear(features, "classifier", outputs: classes)
    let logarithms = try builder.graph.logSoftmax(logits)
    // log p of the right class, [n, 1].
    let product = try builder.graph.multiply(logarithms, inputs[1])
    let logP = try builder.graph.reduceSum(product, axes: [1])
    let p = try builder.graph.unary(.exponential, logP)
    let ones = try builder.graph.constant(1, builder.graph.shape(of: p))
    let weight = try builder.graph.power(builder.graph.subtract(ones, p), gamma)
    let loss = try builder.graph.scale(builder.graph.multiply(weight, logP), by: -1)
    return [loss]
  }
}

/// The digits with their classes as one-hot vectors.
func samples() throws -> Samples {
  let digits = try Samples.load("digits")
  guard let labels = digits.target else { fatalError("digits have labels") }
  var oneHot = [Float](repeating: 0, count: digits.count * 10)
  for (place, label) in try digits.values(of: labels).enumerated() {
    oneHot[place * 10 + Int(label)] = 1
  }
  return Samples(
    count: digits.count,
    inputs: digits.inputs + [SampleArray("rightClass", [10], Vector(oneHot))], target: nil)
}

let data = try samples()
var settings = SpectrumConfiguration()
settings.top = 1
settings.bottom = 1
settings.probes = 0
settings.traceSamples = 0

for gamma in [0.0, 1, 2] {
  // The outputs are the losses.
  var model = try OpenedModel(
    FocalNetwork(gamma: gamma), seed: 1, samples: data, loss: Loss(.output))
  let risk = try model.risk()
  var point = model.point
  for _ in 0..<200 {
    let (_, gradient) = try risk.gradient(at: point)
    point.weights.elements.add(gradient, scaledBy: -0.1)
  }
  model = model.at(point)
  let loss = try risk.value(at: point).loss
  let spectrum = try model.spectrum(settings, in: nil).summary.spectrum
  print(
    "gamma \(gamma): loss \(Float(loss)), lambda1 \(Float(spectrum.largest[0].value)) "
      + "± \(Float(spectrum.bound(of: spectrum.largest[0]))), "
      + "smallest \(Float(spectrum.smallest[0].value))")
}
