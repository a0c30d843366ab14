import ComputationGraph
import Foundation
import LinearAlgebra
import ReferenceRuntime
import Testing

@testable import NeuralNetworks

/// Layer lists: the text, the layers, the network.
@Suite struct LayerListTests {
  private static let image = Architecture.Input(channels: 1, height: 28, width: 28)

  @Test(arguments: [
    "conv(32,5,padding=2) batchnorm relu maxpool(2) flatten linear(10)",
    "conv(8,3x5,stride=2,padding=1x2,groups=1,bias=no) batchnorm(eps=0.001,momentum=0.2,affine=no)",
    "pad(2) conv(6,5) tanh avgpool(3,stride=2,padding=1) globalmax linear(4,bias=no) softmax",
    "conv(8,3) leakyrelu(0.2) elu elu(0.5) gelu gelu(tanh) prelu(8) dropout(0.5) dropout2d groupnorm(4)",
    "residual(conv(1,3,padding=1) relu | identity) residual(conv(4,3,padding=1,stride=2) | subsample(2) zeros(1,2))",
    "maxpool(3,stride=2,ceil) averageto(2) globalaverage layernorm logsoftmax gelu(quick)",
  ])
  func textIsReadBack(text: String) throws {
    let layers = try Layer.list(text)
    #expect(try Layer.list(Layer.text(layers)) == layers)
  }

  @Test func otherSpellingsMeanTheSame() throws {
    let short =
      "conv(16,3,s=2,p=1,nobias) bn(1e-3) relu res(conv(16,3,p=1) | identity) gap linear(10)"
    let long =
      "conv(16,3,stride=2,padding=1,bias=no) batchnorm(eps=0.001) relu "
      + "residual(conv(16,3,padding=1) | identity) globalaverage linear(10)"
    #expect(try Layer.list(short) == Layer.list(long))
    #expect(Layer.text(try Layer.list(short)).hasPrefix("conv(16,3,stride=2,padding=1,bias=no)"))
  }

  @Test(arguments: [
    ("conv(32)", "character 1: conv needs the size"),
    ("relu conv(3,3", "character 6: \"conv(\" has no"),
    ("relu foo", "character 6: unknown layer \"foo\""), ("linear(0)", "outputs is \"0\""),
    ("linear(10,wide=3)", "no setting \"wide=3\""), ("relu)", "character 5"),
    ("", "names no layer"),
    ("conv(8,3,groups=3)", "do not divide"), ("residual()", "takes a list"),
    ("dropout(1)", "rate is 1.0"),
    ("linear(99999999999999999999)", "instead of a whole number"),
    ("conv(8,3) | relu", "closes or divides"),
  ])
  func whatIsWrongIsNamedWithItsPlace(text: String, message: String) {
    let error = #expect(throws: LayerListError.self) { try Layer.list(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func listsInListsAreBounded() {
    let deep =
      String(repeating: "residual(", count: 100) + "relu" + String(repeating: ")", count: 100)
    #expect(throws: LayerListError.self) { try Layer.list(deep) }
    #expect(throws: LayerListError.self) { try Layer.list(String(repeating: "relu ", count: 5000)) }
  }

  /// LeNet as a list is LeNet: the same parameters in the same order and the same nodes.
  @Test func aListOfTheLayersOfLeNetIsLeNet() throws {
    let input = Architecture.Input(channels: 3, height: 32, width: 32)
    let network = try LayerNetwork(
      Layer.list(
        "conv(6,5) relu maxpool(2) conv(16,5) relu maxpool(2) flatten linear(120) relu linear(84) "
          + "relu linear(10)"), input: input, names: ["conv1", "conv2", "fc1", "fc2", "fc3"])
    let list = try Model(network.recipe)
    let model = try Model(Architecture.named("lenet", input: input, classCount: 10))
    #expect(list.layout == model.layout)
    var (a, b) = (Graph(), Graph())
    _ = try list.instantiate(batch: 2, mode: .inference, in: &a)
    _ = try model.instantiate(batch: 2, mode: .inference, in: &b)
    #expect(a.nodes == b.nodes)
  }

  @Test func aBlockWithZerosOnBothSidesIsThatOfTheResNet() throws {
    let input = Architecture.Input(channels: 3, height: 32, width: 32)
    let model = try Model(Architecture.named("resnet8-w8", input: input, classCount: 10))
    func block(_ channels: Int, _ isWider: Bool) -> String {
      let stride = isWider ? ",stride=2" : ""
      let shortcut = isWider ? "subsample(2) zeros(\(channels / 4),\(channels / 4))" : "identity"
      return "residual(conv(\(channels),3,padding=1\(stride),bias=no) batchnorm relu "
        + "conv(\(channels),3,padding=1,bias=no) batchnorm | \(shortcut)) relu "
    }
    let network = try LayerNetwork(
      "conv(8,3,padding=1,bias=no) batchnorm relu " + block(8, false) + block(16, true)
        + block(32, true) + "globalaverage linear(10)", input: input)
    let list = try Model(network.recipe)
    #expect(list.layout.segments.map(\.shape) == model.layout.segments.map(\.shape))
    #expect(list.layout.segments.map(\.role) == model.layout.segments.map(\.role))
    #expect(list.bufferLayout.segments.map(\.shape) == model.bufferLayout.segments.map(\.shape))
    #expect(try list.forwardFlops(batch: 1) == model.forwardFlops(batch: 1))
  }

  @Test func layersThatDoNotFitAreNamed() throws {
    let wrong = try LayerNetwork("conv(4,3) linear(10)", input: Self.image)
    let error = #expect(throws: ShapeError.self) { try Model(wrong.recipe) }
    #expect(error?.reason.contains("layer 2, linear(10)") == true, "\(error?.description ?? "")")
  }

  @Test func filesHoldTextInputAndNames() throws {
    let network = try LayerNetwork(
      "conv(4,3) batchnorm relu globalaverage linear(10)", input: Self.image)
    #expect(network.names == ["conv1", "norm1", "linear1"])
    let data = try JSONEncoder().encode(network)
    #expect(try JSONDecoder().decode(LayerNetwork.self, from: data) == network)
    #expect(throws: LayerListError.self) {
      try LayerNetwork(Layer.list("linear(3)"), input: .features(4), names: ["a", "b"])
    }
  }

  /// Sizes that no memory holds are one line of error, and never a product that overflows.
  @Test(arguments: [
    "pad(16777216) conv(16777216,1) flatten", "averageto(16777216)",
    "zeros(16777216,16777216) zeros(16777216,16777216)", "pad(100000)",
    "conv(16777216,16777216,padding=16777216)", "conv(16777216,1)",
    "flatten linear(16777216) linear(16777216)", "conv(1000000,1) globalaverage linear(16777216)",
    "residual(pad(100000) | pad(100000))", "conv(16777216,1) flatten linear(16777216)",
    "pad(16777216) pad(16777216) conv(16777216,3) flatten linear(2)",
    "zeros(16777216,16777216) pad(16777216) batchnorm relu",
  ])
  func sizesPastAllBoundsAreRefused(text: String) throws {
    let network = try LayerNetwork(text, input: Self.image)
    let error = #expect(throws: ShapeError.self) { try Model(network.recipe) }
    #expect(error?.description.contains("layer ") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  /// What needs images says so where features come.
  @Test(arguments: [
    "conv(2,1)", "maxpool(1)", "avgpool(2)", "globalaverage", "globalmax", "averageto(1)", "pad(1)",
    "subsample(2)", "zeros(1,1)",
  ])
  func layersOfImagesRefuseFeatures(text: String) throws {
    let network = try LayerNetwork("flatten \(text)", input: Self.image)
    let error = #expect(throws: ShapeError.self) { try Model(network.recipe) }
    #expect(error?.description.contains("images: are needed here") == true)
  }

  /// `x` or `slope x`, with a slope for every channel or one for all, of images and of features.
  @Test(arguments: [
    ("prelu(2)", [0.5, -2.0]), ("prelu", [0.25]), ("globalaverage prelu(2)", [0.5, -2.0]),
  ])
  func learnedSlopesBelongToChannels(text: String, slopes: [Double]) throws {
    let input = Architecture.Input(channels: 2, height: 1, width: 1)
    let model = try Model(LayerNetwork(text, input: input).recipe)
    var graph = Graph()
    let nodes = try model.instantiate(batch: 2, mode: .inference, in: &graph)
    let x = [1.0, -1, -3, 4]
    let y = ReferenceRuntime.evaluate(
      graph, outputs: nodes.outputs, inputs: ["images": x, "slope1.weight": slopes])[0]
    let expected = x.enumerated().map { $1 > 0 ? $1 : $1 * slopes[$0 % slopes.count] }
    #expect(y == expected)
    // They begin as PyTorch's.
    #expect(model.initialParameters(seed: 1).elements.array == slopes.map { _ in 0.25 })
  }

  /// Parts that overlap, and more parts than pixels: `torch.nn.functional.adaptive_avg_pool2d(x, extent)`.
  @Test(arguments: [2, 4]) func meansOfUnevenPartsAreThoseOfPyTorch(extent: Int) throws {
    let expected: [Double] =
      extent == 2
      ? [163, 295, 583, 835].map { $0 / 6 }
      : [5, 13, 25, 41, 45, 63, 85, 111, 175, 213, 255, 301, 265, 313, 365, 421].map { $0 / 2 }
    let input = Architecture.Input(channels: 1, height: 3, width: 5)
    let model = try Model(LayerNetwork("averageto(\(extent)) flatten", input: input).recipe)
    var graph = Graph()
    let nodes = try model.instantiate(batch: 1, mode: .inference, in: &graph)
    let squares = (1...15).map { Double($0 * $0) }
    let y = ReferenceRuntime.evaluate(
      graph, outputs: nodes.outputs, inputs: ["images": squares])[0]
    for (found, right) in zip(y, expected) { #expect(abs(found - right) <= 1e-13 * right) }
    #expect(y.count == expected.count)
  }

  /// Random lists are read or refused, and what is read is built or refused.
  ///
  /// `BASIN_FUZZ=N` tries N times as many.
  @Test func randomListsAreNetworksOrErrors() throws {
    let factor = ProcessInfo.processInfo.environment["BASIN_FUZZ"].flatMap(Int.init) ?? 1
    var stream = RandomStream(seed: 1, label: "layer lists")
    let inputs = [Self.image, .image(channels: 3, height: 9, width: 5), .features(7)]
    var built = 0
    for number in 0..<2000 * factor {
      let text = Self.randomList(&stream, depth: 0)
      guard let layers = try? Layer.list(text) else { continue }
      #expect(try Layer.list(Layer.text(layers)) == layers, "\(text)")
      guard let network = try? LayerNetwork(layers, input: inputs[number % inputs.count]),
        let model = try? Model(network.recipe)
      else { continue }
      built += 1
      #expect(try model.forwardFlops(batch: 2) >= 0)
    }
    #expect(built > 50)
  }

  private static func randomList(_ stream: inout RandomStream, depth: Int) -> String {
    let words =
      LayerWords.meanings.map { String($0.word.prefix { $0 != "(" }) }
      + LayerWords.synonyms.keys.sorted()
      + [
        "groupnorm", "layernorm", "avgpool", "averageto", "globalmax", "prelu", "subsample",
        "zeros",
        "identity", "dropout2d", "leakyrelu", "elu", "foo", "",
      ]
    let numbers = [
      "0", "1", "2", "3", "8", "3x5", "-1", "1e3", "0.5", "65536", "16777216", "16777217",
      "9223372036854775807", "nan", "x", "",
    ]
    let keys = [
      "stride", "padding", "dilation", "groups", "eps", "bias", "momentum", "affine", "p",
    ]
    let flags = ["ceil", "nobias", "same", "tanh"]
    func number() -> String {
      numbers[stream.integer(below: stream.integer(below: 4) == 0 ? 16 : 5)]
    }
    var parts: [String] = []
    for _ in 0...stream.integer(below: 6) {
      let word = words[stream.integer(below: words.count)]
      var arguments: [String] = []
      for _ in 0..<stream.integer(below: 4) {
        switch stream.integer(below: 5) {
        case 0: arguments.append(keys[stream.integer(below: keys.count)] + "=" + number())
        case 1: arguments.append(flags[stream.integer(below: flags.count)])
        default: arguments.append(number())
        }
      }
      if ["residual", "res"].contains(word), depth < 3 {
        arguments = [randomList(&stream, depth: depth + 1)]
        if stream.integer(below: 2) == 0 { arguments.append(randomList(&stream, depth: depth + 1)) }
        parts.append("\(word)(\(arguments.joined(separator: " | ")))")
      } else {
        parts.append(arguments.isEmpty ? word : "\(word)(\(arguments.joined(separator: ",")))")
      }
    }
    // A stray character now and then.
    if stream.integer(below: 20) == 0 {
      parts.append([")", "(", "|", "=", "\u{301}"][stream.integer(below: 5)])
    }
    return parts.joined(separator: " ")
  }
}
