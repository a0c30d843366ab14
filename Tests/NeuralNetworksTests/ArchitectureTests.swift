import ComputationGraph
import Foundation
import NeuralNetworks
import Testing

/// Architectures agree with their PyTorch originals in number, names, order and shapes.
@Suite struct ArchitectureTests {
  static let cifar = Architecture.Input(channels: 3, height: 32, width: 32)
  static let imageNet = Architecture.Input(channels: 3, height: 224, width: 224)

  static func network(
    _ name: String, _ input: Architecture.Input = cifar, classes: Int = 10
  ) throws -> Model {
    try Model(.named(name, input: input, classCount: classes))
  }

  @Test(arguments: [
    ("resnet20", 269_722), ("resnet32", 464_154), ("resnet44", 658_586), ("resnet56", 853_018),
    ("resnet110", 1_727_962), ("resnet20-noshort", 269_722), ("resnet20-b", 272_474),
    ("resnet18", 11_173_962), ("resnet34", 21_282_122), ("resnet50", 23_520_842),
    ("vgg11-bn", 9_231_114), ("vgg16-bn", 14_728_266), ("vgg16", 14_719_818),
    ("vgg19-bn", 20_040_522), ("lenet", 62_006), ("wideresnet-28-10", 36_479_194),
    ("wideresnet-16-4", 2_748_890), ("linear", 30_730), ("mlp-64-32", 199_082),
    ("preactresnet18", 11_171_146), ("mobilenetv2", 2_296_922), ("densenet121", 6_956_298),
    ("googlenet", 6_166_250), ("senet18", 11_260_354), ("resnet20-chenyaofo", 272_474),
    ("resnext29-2x64d", 9_128_778), ("dpn92", 34_236_634), ("regnetx-200mf", 2_321_946),
    ("mobilenetv2-x0-5-chenyaofo", 700_490), ("repvgg-a0-chenyaofo", 7_840_874),
    ("densenet-100-12", 769_162),
  ])
  func `parameter count is that of the original`(name: String, count: Int) throws {
    #expect(try Self.network(name).layout.count == count)
  }

  @Test(arguments: [
    ("resnet18-imagenet", 11_689_512), ("resnet34-imagenet", 21_797_672),
    ("resnet50-imagenet", 25_557_032), ("resnet101-imagenet", 44_549_160),
    ("resnet152-imagenet", 60_192_808), ("vgg11-imagenet", 132_863_336),
    ("vgg16-bn-imagenet", 138_365_992), ("resnext50-32x4d-imagenet", 25_028_904),
    ("wide-resnet50-2-imagenet", 68_883_240), ("densenet121-imagenet", 7_978_856),
    ("mobilenet-v2-imagenet", 3_504_872), ("mobilenet-v3-large-imagenet", 5_483_032),
    ("mobilenet-v3-small-imagenet", 2_542_856), ("shufflenet-v2-x1-0-imagenet", 2_278_604),
    ("squeezenet1-1-imagenet", 1_235_496), ("efficientnet-b0-imagenet", 5_288_548),
    ("efficientnet-b7-imagenet", 66_347_960), ("convnext-tiny-imagenet", 28_589_128),
    ("regnet-y-400mf-imagenet", 4_344_144), ("regnet-x-400mf-imagenet", 5_495_976),
    ("vit-b-16-imagenet", 86_567_656), ("alexnet-imagenet", 61_100_840),
    ("mnasnet1-0-imagenet", 4_383_312), ("googlenet-imagenet", 6_624_904),
    ("vit-tiny-patch16-224-timm", 5_717_416), ("mixer-b16-224-timm", 59_880_472),
  ])
  func `parameter count is that of torchvision`(name: String, count: Int) throws {
    #expect(try Self.network(name, Self.imageNet, classes: 1000).layout.count == count)
  }

  @Test func `forward cost is that of the literature`() throws {
    // Multiply-adds: 40.55 M for ResNet-20 and 1.814 G for ResNet-18 at 224 x 224.
    #expect(try Self.network("resnet20").forwardFlops(batch: 1) == 2 * 40_551_040)
    let resNet18 = try Self.network("resnet18-imagenet", Self.imageNet, classes: 1000)
    #expect(try resNet18.forwardFlops(batch: 2) == 4 * 1_814_073_344)
  }

  private func names(_ name: String, _ input: Architecture.Input = cifar) throws -> [String] {
    try Self.network(name, input).layout.segments.map {
      $0.name + " " + $0.shape.description.filter { $0 != " " }
    }
  }

  @Test func `CIFAR ResNets have the names of their original`() throws {
    let block = [
      "conv1.weight [16,16,3,3]", "bn1.weight [16]", "bn1.bias [16]",
      "conv2.weight [16,16,3,3]", "bn2.weight [16]", "bn2.bias [16]",
    ]
    let names = try names("resnet20")
    #expect(names.count == 59)
    #expect(
      Array(names.prefix(15)) == ["conv1.weight [16,3,3,3]", "bn1.weight [16]", "bn1.bias [16]"]
        + block.map { "layer1.0." + $0 } + block.map { "layer1.1." + $0 })
    #expect(names[21] == "layer2.0.conv1.weight [32,16,3,3]")
    #expect(names.suffix(2) == ["linear.weight [10,64]", "linear.bias [10]"])
    #expect(
      try self.names("resnet8-b")[9..<19] == [
        "layer2.0.conv1.weight [32,16,3,3]", "layer2.0.bn1.weight [32]", "layer2.0.bn1.bias [32]",
        "layer2.0.conv2.weight [32,32,3,3]", "layer2.0.bn2.weight [32]", "layer2.0.bn2.bias [32]",
        "layer2.0.shortcut.0.weight [32,16,1,1]", "layer2.0.shortcut.1.weight [32]",
        "layer2.0.shortcut.1.bias [32]", "layer3.0.conv1.weight [64,32,3,3]",
      ])
  }

  @Test func `ResNets have the names of their originals`() throws {
    let names = try names("resnet18")
    #expect(names.count == 62)
    #expect(names[21] == "layer2.0.shortcut.0.weight [128,64,1,1]")
    #expect(names.suffix(2) == ["linear.weight [10,512]", "linear.bias [10]"])
    let imageNet = try self.names("resnet50-imagenet", Self.imageNet)
    #expect(imageNet.count == 161)
    #expect(
      Array(imageNet[0..<15]) == [
        "conv1.weight [64,3,7,7]", "bn1.weight [64]", "bn1.bias [64]",
        "layer1.0.conv1.weight [64,64,1,1]", "layer1.0.bn1.weight [64]", "layer1.0.bn1.bias [64]",
        "layer1.0.conv2.weight [64,64,3,3]", "layer1.0.bn2.weight [64]", "layer1.0.bn2.bias [64]",
        "layer1.0.conv3.weight [256,64,1,1]", "layer1.0.bn3.weight [256]",
        "layer1.0.bn3.bias [256]", "layer1.0.downsample.0.weight [256,64,1,1]",
        "layer1.0.downsample.1.weight [256]", "layer1.0.downsample.1.bias [256]",
      ])
    #expect(imageNet.suffix(2) == ["fc.weight [10,2048]", "fc.bias [10]"])
  }

  @Test func `Wide ResNets have the names of their original`() throws {
    #expect(
      try names("wideresnet-10-2") == [
        "conv1.weight [16,3,3,3]",
        "block1.layer.0.bn1.weight [16]", "block1.layer.0.bn1.bias [16]",
        "block1.layer.0.conv1.weight [32,16,3,3]",
        "block1.layer.0.bn2.weight [32]", "block1.layer.0.bn2.bias [32]",
        "block1.layer.0.conv2.weight [32,32,3,3]",
        "block1.layer.0.convShortcut.weight [32,16,1,1]",
        "block2.layer.0.bn1.weight [32]", "block2.layer.0.bn1.bias [32]",
        "block2.layer.0.conv1.weight [64,32,3,3]",
        "block2.layer.0.bn2.weight [64]", "block2.layer.0.bn2.bias [64]",
        "block2.layer.0.conv2.weight [64,64,3,3]",
        "block2.layer.0.convShortcut.weight [64,32,1,1]",
        "block3.layer.0.bn1.weight [64]", "block3.layer.0.bn1.bias [64]",
        "block3.layer.0.conv1.weight [128,64,3,3]",
        "block3.layer.0.bn2.weight [128]", "block3.layer.0.bn2.bias [128]",
        "block3.layer.0.conv2.weight [128,128,3,3]",
        "block3.layer.0.convShortcut.weight [128,64,1,1]",
        "bn1.weight [128]", "bn1.bias [128]", "fc.weight [10,128]", "fc.bias [10]",
      ])
  }

  @Test func `VGG counts the layers of a sequence`() throws {
    func layers(_ name: String) throws -> [String] {
      try Self.network(name).layout.segments.filter { $0.role == .weight }
        .map { String($0.name.dropLast(".weight".count)) }
    }
    #expect(
      try layers("vgg11-bn")
        == ["0", "4", "8", "11", "15", "18", "22", "25"].map { "features.\($0)" }
        + ["classifier"])
    #expect(
      try layers("vgg16-imagenet")
        == ["0", "2", "5", "7", "10", "12", "14", "17", "19", "21", "24", "26", "28"].map {
          "features.\($0)"
        } + ["classifier.0", "classifier.3", "classifier.6"])
    #expect(
      try names("vgg16-bn").prefix(5) == [
        "features.0.weight [64,3,3,3]", "features.0.bias [64]", "features.1.weight [64]",
        "features.1.bias [64]", "features.3.weight [64,64,3,3]",
      ])
  }

  @Test func `small networks have the names of their originals`() throws {
    #expect(
      try names("lenet") == [
        "conv1.weight [6,3,5,5]", "conv1.bias [6]", "conv2.weight [16,6,5,5]", "conv2.bias [16]",
        "fc1.weight [120,400]", "fc1.bias [120]", "fc2.weight [84,120]", "fc2.bias [84]",
        "fc3.weight [10,84]", "fc3.bias [10]",
      ])
    #expect(
      try names("mlp-5") == [
        "fc1.weight [5,3072]", "fc1.bias [5]", "fc2.weight [10,5]", "fc2.bias [10]",
      ])
  }

  @Test func `parameters and statistics have their roles`() throws {
    let network = try Self.network("vgg11-bn")
    #expect(
      network.layout.segments.prefix(4).map(\.role) == [.weight, .bias, .normScale, .normShift])
    #expect(
      network.bufferLayout.segments.prefix(3).map(\.name) == [
        "features.1.running_mean", "features.1.running_var", "features.5.running_mean",
      ])
    #expect(
      network.bufferLayout.segments.prefix(2).map(\.role) == [.runningMean, .runningVariance])
    #expect(network.bufferLayout.segments.count == 16)
  }

  @Test(arguments: [
    "linear", "mlp-10", "mlp-64-32-16", "lenet", "vgg11", "vgg13-bn", "vgg19-imagenet",
    "vgg16-bn-imagenet", "resnet8", "resnet20", "resnet110", "resnet56-noshort", "resnet20-b",
    "resnet20-b-w8", "resnet18", "resnet152-imagenet", "resnet34-w32", "resnet50-imagenet-w8",
    "wideresnet-28-10", "wideresnet-16-1", "wideresnet-40-4-weiaicunzai", "resnet18-cifar",
    "resnet50-huyvnphan-w8", "resnet34-weiaicunzai", "resnet20-chenyaofo", "resnet164-bottleneck",
    "resnet29-bottleneck-w8", "preactresnet18-w8", "preactresnet152-weiaicunzai", "senet18",
    "preresnet110", "preresnet164-bottleneck-w4", "densenet-100-12", "densenet-cifar",
    "densenet161-huyvnphan", "wide-resnet50-2-imagenet", "resnext101-32x8d-imagenet-w8",
    "vgg19-bn-chenyaofo", "mobilenetv2-x1-4-chenyaofo", "vit-base-patch16-224-timm",
  ])
  func `names and JSON come back`(name: String) throws {
    let architecture = try Architecture.named(name, input: Self.cifar, classCount: 10)
    #expect(architecture.name == name)
    let data = try JSONEncoder().encode(architecture)
    #expect(try JSONDecoder().decode(Architecture.self, from: data) == architecture)
  }

  @Test func `names may be written with capitals, underscores and defaults`() throws {
    for (written, name) in [
      ("ResNet20", "resnet20"), ("vgg16_bn", "vgg16-bn"), ("WideResNet-28-10", "wideresnet-28-10"),
      ("resnet20-w16", "resnet20"), ("resnet18-w64", "resnet18"),
    ] {
      let architecture = try Architecture.named(written, input: Self.cifar, classCount: 10)
      #expect(architecture.name == name)
    }
  }

  @Test(arguments: [
    "", "-", "resnet", "resnet21", "resnet20-c", "resnet20-b-noshort", "resnet20-w0", "resnet20-",
    "resnet99999999999999999999", "resnet-20", "mlp", "mlp-", "mlp-0", "mlp-10-", "mlp-99999999",
    "mlp-1e3", "vgg12", "vgg16-imagenet-bn", "wideresnet-28", "wideresnet-27-10",
    "wideresnet-28-10-3", "lenet5", "linear-3", "resnet18-", "resnet18--imagenet",
    "resnet18-imagenet-", "resnet20-chenyaofo-", "resnet28-bottleneck", "resnext50-32x4d",
    "vgg16-", "vgg16--bn", "densenet121-", "densenet-cifar-imagenet", "densenet121-bearpaw",
    "densenet-39-12", "preactresnet20", "preresnet21", "senet18-", "preactresnet18-",
    "wide-resnet50-2", "mobilenetv2-x0-5", "googlenet-timm",
  ])
  func `names that fit no pattern are refused`(name: String) throws {
    let error = #expect(throws: ArchitectureError.self) {
      try Architecture.named(name, input: Self.cifar, classCount: 10)
    }
    #expect(error?.description.hasPrefix("unknown architecture \"\(name)\"; ") == true)
  }

  @Test func `an unknown name is answered with names like it`() throws {
    for (written, answer) in [
      ("preact-resnet18", "closest: preactresnet18"), ("mobilenet-v2", "mobilenet-v2-imagenet"),
      ("resnet19", "resnet18"),
    ] {
      let error = #expect(throws: ArchitectureError.self) {
        try Architecture.named(written, input: Self.cifar, classCount: 10)
      }
      #expect(error?.description.contains(answer) == true, "\(error?.description ?? "")")
      #expect(error?.description.hasSuffix("the help of `architecture` lists all") == true)
    }
  }

  @Test func `sizes out of range are refused`() throws {
    for (channels, height, width) in [
      (0, 32, 32), (3, -1, 32), (3, 32, 1 << 40), (1 << 20, 1 << 20, 1 << 20),
    ] {
      #expect(throws: ArchitectureError.self) {
        try Architecture.named(
          "linear", input: Architecture.Input(channels: channels, height: height, width: width),
          classCount: 10)
      }
    }
    for classes in [0, -5, Int.max] {
      #expect(throws: ArchitectureError.self) {
        try Architecture.named("linear", input: Self.cifar, classCount: classes)
      }
    }
  }
}
