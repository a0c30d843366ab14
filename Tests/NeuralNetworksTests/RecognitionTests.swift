import ComputationGraph
import TestSupport
import Testing

@testable import NeuralNetworks

/// Architectures are recognised from names and shapes, and near misses are explained.
@Suite struct RecognitionTests {
  private func tensors(_ network: Model) -> [(name: String, shape: Shape)] {
    network.layout.segments.map { ($0.name, $0.shape) }
      + network.bufferLayout.segments.map { ($0.name, $0.shape) }
  }

  @Test(arguments: [
    "resnet20", "resnet56", "resnet20-b", "resnet8-b-w4", "resnet18", "resnet34", "resnet50",
    "resnet18-w8", "vgg11", "vgg16-bn", "lenet", "wideresnet-16-4", "wideresnet-28-10",
    "mlp-64-32", "linear", "resnet18-imagenet", "resnet50-imagenet", "vgg11-imagenet",
    "vgg16-bn-imagenet", "preactresnet18", "preactresnet50-weiaicunzai", "preactresnet18-w8",
    "senet18", "preresnet20", "preresnet29-bottleneck", "resnet29-bottleneck-w4",
    "resnet20-chenyaofo", "resnet18-weiaicunzai", "seresnet18-weiaicunzai", "resnext29-32x4d",
    "densenet-40-12", "densenet121", "densenet121-imagenet", "googlenet", "googlenet-imagenet",
    "inception-v3-huyvnphan", "mobilenet", "mobilenetv2", "mobilenetv2-weiaicunzai",
    "mobilenet-v3-small-imagenet", "mobilenetv3-small-100-timm", "efficientnetb0",
    "efficientnet-b0-imagenet", "efficientnet-b0-timm", "shufflenetg2", "shufflenetv2-1",
    "squeezenet-weiaicunzai", "squeezenet1-1-imagenet", "regnetx-200mf", "regnet-y-400mf-imagenet",
    "repvgg-a0-chenyaofo", "dpn26", "simpledla", "mnasnet1-0-imagenet", "convnext-tiny-imagenet",
    "convnext-tiny-timm", "wideresnet-16-2-weiaicunzai", "vgg11-bn-chenyaofo",
    "wide-resnet50-2-imagenet", "resnext50-32x4d-imagenet", "vit-patch4-w48-d3-h3-m96-timm",
    "vit-patch8-w64-d2-h1-m128", "vit-tiny-patch16-224-timm",
    "vit-patch4-w48-d3-h2-k64-m96-lucidrains-v0", "vit-patch4-w48-d3-h2-k64-m96-lucidrains-v1.0",
    "vit-patch4-w48-d3-h2-k64-m96-lucidrains-v1.4", "vit-patch4-w48-d3-h2-k64-m96-lucidrains-v1.26",
    "mixer-patch4-w48-d3-t96-m24-lucidrains", "mixer-patch4-w48-d3-t24-m192-timm",
    "encoder-patch4-w48-d3-h3-m96", "encoder-patch4-w48-d2-h3-m96-rows-positions2-split",
    "mixer-b16-224-timm", "convmixer-w24-d3-k5-p2", "convmixer-w16-d2-k8-p1",
    "convmixer-w24-d2-k7-p4-timm",
  ])
  func `a network is recognised by its own tensors`(name: String) throws {
    let isLarge = name.contains("imagenet") || name.hasSuffix("timm")
    let input =
      isLarge && !name.contains("-patch4") && !name.hasPrefix("convmixer")
      ? ArchitectureTests.imageNet : ArchitectureTests.cifar
    let network = try ArchitectureTests.network(name, input, classes: 7)
    let result = Architecture.recognize(tensors(network))
    #expect(
      result.matches.first.map { ModelRecipe.architecture($0.architecture) } == network.recipe)
    #expect(result.nearMisses.isEmpty)
    let names = try #require(result.matches.first?.tensorNames)
    #expect(names.allSatisfy { $0.key == $0.value })
    #expect(
      names.count == network.layout.segments.count + network.bufferLayout.segments.count)
  }

  /// The heads of a transformer leave no trace: those that are usual come first, and all are offered.
  @Test func `all numbers of heads are offered`() throws {
    let network = try ArchitectureTests.network("vit-patch4-w24-d2-h2-m36-timm")
    let names = Architecture.recognize(tensors(network)).matches.map(\.architecture.name)
    #expect(names == [1, 2, 3, 4, 6].map { "vit-patch4-w24-d2-h\($0)-m36-timm" })
  }

  @Test func `what a transformer ends with is offered with all numbers of heads`() throws {
    let network = try ArchitectureTests.network("vit-patch4-w48-d3-h2-k16-m96-lucidrains-v1.4")
    let names = Architecture.recognize(tensors(network)).matches.map(\.architecture.name)
    let expected = [(1, 32), (2, 16), (4, 8), (8, 4)].flatMap { heads, width in
      ["", "-mean"].map { "vit-patch4-w48-d3-h\(heads)-k\(width)-m96-lucidrains-v1.4\($0)" }
    }
    #expect(names == expected)
  }

  /// Layers of PyTorch name their tensors alike, whatever the modules are called.
  @Test(arguments: [
    ("lstm-f96-h8-l2", 2), ("gru-f96-h8-l1-bidirectional", 3), ("rnn-f32-h8-l2-all", 2),
    ("lstm-f96-h6-l1-bidirectional-all", 1),
  ])
  func `recurrent layers are recognised under any names of modules`(
    name: String, count: Int
  ) throws {
    let network = try ArchitectureTests.network(name)
    let renamed = tensors(network).map { tensor in
      let parts = tensor.name.split(separator: ".")
      return (name: (parts[0] == "fc" ? "out." : "cells.") + parts[1], shape: tensor.shape)
    }
    let result = Architecture.recognize(renamed, input: ArchitectureTests.cifar)
    #expect(result.matches.count == count)
    #expect(
      result.matches.first.map { ModelRecipe.architecture($0.architecture) } == network.recipe)
    #expect(result.matches.first?.tensorNames["fc.weight"] == "out.weight")
  }

  @Test func `what weights cannot tell is offered as several matches`() throws {
    let result = Architecture.recognize(tensors(try ArchitectureTests.network("resnet20")))
    #expect(result.matches.map(\.architecture.name) == ["resnet20", "resnet20-noshort"])
  }

  /// Strides and pools leave no trace in tensors; who asks for small images means what was made for them.
  @Test(arguments: [
    ("mobilenetv2-x1-0-chenyaofo", "mobilenet-v2-imagenet"),
    ("shufflenetv2-x1-0-chenyaofo", "shufflenet-v2-x1-0-imagenet"),
  ])
  func `of two networks with the same tensors the one for such images comes first`(
    small: String, large: String
  ) throws {
    let found = tensors(try ArchitectureTests.network(small))
    let names = { (input: Architecture.Input) in
      Architecture.recognize(found, input: input).matches.map(\.architecture.name)
    }
    #expect(names(ArchitectureTests.cifar) == [small, large])
    #expect(names(ArchitectureTests.imageNet) == [large, small])
  }

  @Test func `a max pool behind the stem is offered too`() throws {
    let found = tensors(try ArchitectureTests.network("resnet18-cifar-w8"))
    let result = Architecture.recognize(found, input: ArchitectureTests.cifar)
    #expect(
      result.matches.map(\.architecture.name) == ["resnet18-cifar-w8", "resnet18-huyvnphan-w8"])
    #expect(result.matches.allSatisfy { $0.tensorNames["fc.bias"] == "fc.bias" })
  }

  /// 364 parameters and 242 statistics, compared with the few networks that have as many.
  @Test func `recognition makes only models of as many tensors`() throws {
    let found = FoundTensors(
      tensors(try ArchitectureTests.network("densenet121-imagenet", ArchitectureTests.imageNet)))
    let names = found.candidates(input: nil).map(\.name)
    #expect(Set(names) == ["densenet121-imagenet", "densenet121-huyvnphan"])
  }

  @Test func `near misses of fixed networks are those with almost as many tensors`() throws {
    var changed = tensors(try ArchitectureTests.network("mobilenetv2"))
    changed.removeAll { $0.name == "layers.3.bn2.bias" }
    let result = Architecture.recognize(changed, input: ArchitectureTests.cifar)
    #expect(result.matches.isEmpty)
    #expect(
      result.nearMisses.first?.description
        == "mobilenetv2: layers.3.bn2.bias [144] is missing")
  }

  @Test func `size and channels of the images follow from the weights where they can`() throws {
    for (name, input) in [
      ("lenet", Architecture.Input(channels: 1, height: 28, width: 28)),
      ("mlp-16", Architecture.Input(channels: 1, height: 8, width: 8)),
      ("resnet20", Architecture.Input(channels: 1, height: 32, width: 32)),
    ] {
      let network = try ArchitectureTests.network(name, input)
      #expect(
        Architecture.recognize(tensors(network)).matches.first?.architecture.input == input)
    }
    let digits = Architecture.Input(channels: 1, height: 8, width: 8)
    let network = try ArchitectureTests.network("resnet20", digits)
    let matches = Architecture.recognize(tensors(network), input: digits).matches
    #expect(matches.first.map { ModelRecipe.architecture($0.architecture) } == network.recipe)
  }

  /// Context and width follow from the shapes, the vocabulary from the table: data may hold fewer tokens.
  @Test func `language models are recognised in any order of their tensors`() throws {
    let network = try Model(
      .named("nplm-3-4-8", input: .tokens(length: 5, vocabulary: 11), classCount: 11))
    let found = tensors(network)
    for order in [found, found.sorted { $0.name < $1.name }] {
      let result = Architecture.recognize(order, input: .tokens(length: 5, vocabulary: 2))
      #expect(
        result.matches.first.map { ModelRecipe.architecture($0.architecture) } == network.recipe)
      #expect(Architecture.recognize(order, input: .features(5)).matches.isEmpty)
    }
    // Other names for the same layers.
    let renamed = found.map {
      (name: "model.\($0.name)".replacing("fc", with: "dense"), shape: $0.shape)
    }
    let match = try #require(
      Architecture.recognize(renamed, input: .tokens(length: 5, vocabulary: 2)).matches.first)
    #expect(match.tensorNames["fc1.weight"] == "model.dense1.weight")
  }

  @Test(arguments: ["module.", "_orig_mod.module.", "network.", "net.model."])
  func `prefixes and counters of batches do not matter`(prefix: String) throws {
    let network = try ArchitectureTests.network("resnet20")
    var wrapped = tensors(network).map { (name: prefix + $0.name, shape: $0.shape) }
    wrapped.append((name: prefix + "bn1.num_batches_tracked", shape: []))
    let match = try #require(Architecture.recognize(wrapped).matches.first)
    #expect(match.architecture.name == "resnet20")
    #expect(match.tensorNames["bn1.running_mean"] == prefix + "bn1.running_mean")
    #expect(WrapperPrefix.shared(by: wrapped.map(\.name)) == prefix)
  }

  @Test func `a prefix that one name lacks is none`() {
    #expect(WrapperPrefix.shared(by: ["module.a", "b"]) == "")
    #expect(WrapperPrefix.shared(by: []) == "")
  }

  @Test func `other names for the same layers are recognised by shapes in order`() throws {
    let network = try ArchitectureTests.network("wideresnet-10-2")
    let renamed = tensors(network).map { tensor in
      (name: "stem." + tensor.name, shape: tensor.shape)
    }
    let match = try #require(Architecture.recognize(renamed).matches.first)
    #expect(match.architecture.name == "wideresnet-10-2")
    #expect(match.tensorNames["fc.weight"] == "stem.fc.weight")
  }

  @Test func `near misses say what differs`() throws {
    var changed = tensors(try ArchitectureTests.network("resnet20"))
    changed.removeAll { $0.name == "layer2.0.bn2.bias" }
    let index = try #require(changed.firstIndex { $0.name == "layer1.0.conv1.weight" })
    changed[index].shape = [16, 16, 5, 5]
    changed.append((name: "extra.weight", shape: [3]))
    let result = Architecture.recognize(changed)
    #expect(result.matches.isEmpty)
    #expect(result.nearMisses.count == 3)
    let closest = try #require(result.nearMisses.first)
    #expect(closest.architecture.name == "resnet20")
    #expect(
      closest.differences == [
        .shape(name: "layer1.0.conv1.weight", expected: [16, 16, 3, 3], found: [16, 16, 5, 5]),
        .missing(name: "layer2.0.bn2.bias", shape: [32]),
        .unexpected(name: "extra.weight", shape: [3]),
      ])
    #expect(
      closest.description
        == "resnet20: layer1.0.conv1.weight is [16, 16, 5, 5] instead of [16, 16, 3, 3]; "
        + "layer2.0.bn2.bias [32] is missing; extra.weight [3] is not part of it")
  }

  @Test(
    arguments: [
      [], [("x", [])], [("x", [0, 0])], [("x", [-1, -1])], [("w", [Int.max, Int.max])],
      [("c", [Int.max, Int.max, Int.max, 3]), ("w", [10, Int.max])],
      [("c", [0, 0, 0, 0]), ("w", [10, 5])], [("c", [16, 3, 3, 3]), ("w", [0, 5])],
      [("a", [1 << 40, 1 << 40]), ("b", [10, 1 << 40])],
    ] as [[(String, Shape)]])
  func `tensors that make no network match nothing`(tensors: [(String, Shape)]) {
    let result = Architecture.recognize(tensors.map { (name: $0.0, shape: $0.1) })
    #expect(result.matches.isEmpty)
  }
}
