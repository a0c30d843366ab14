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
  ) throws -> Network {
    try Network(.named(name, input: input, classCount: classes))
  }

  @Test(arguments: [
    ("resnet20", 269_722), ("resnet32", 464_154), ("resnet44", 658_586), ("resnet56", 853_018),
    ("resnet110", 1_727_962), ("resnet20-noshort", 269_722), ("resnet20-b", 272_474),
    ("resnet18", 11_173_962), ("resnet34", 21_282_122), ("resnet50", 23_520_842),
    ("vgg11-bn", 9_231_114), ("vgg16-bn", 14_728_266), ("vgg16", 14_719_818),
    ("vgg19-bn", 20_040_522), ("lenet", 62_006), ("wideresnet-28-10", 36_479_194),
    ("wideresnet-16-4", 2_748_890), ("linear", 30_730), ("mlp-64-32", 199_082),
  ])
  func `parameter count is that of the original`(name: String, count: Int) throws {
    #expect(try Self.network(name).layout.count == count)
  }

  @Test(arguments: [
    ("resnet18-imagenet", 11_689_512), ("resnet34-imagenet", 21_797_672),
    ("resnet50-imagenet", 25_557_032), ("resnet101-imagenet", 44_549_160),
    ("resnet152-imagenet", 60_192_808), ("vgg11-imagenet", 132_863_336),
    ("vgg16-bn-imagenet", 138_365_992),
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
}
