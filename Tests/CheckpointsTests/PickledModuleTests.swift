import FileFormats
import Foundation
import TestSupport
import Testing

@testable import Checkpoints

/// Whole modules, whose classes are unknown here and of which nothing is run.
@Suite struct PickledModuleTests {
  /// One module, saved whole, alone and in a training state.
  static let forms = [
    "net.pt", "net-legacy.pt", "net-state.pth", "net-compiled.pt", "net-0.pkl", "net-4.pkl",
  ]

  static let names = [
    "scale", "shift", "features.conv.weight", "features.norm.weight", "features.norm.bias",
    "features.norm.running_mean", "features.norm.running_var",
    "features.norm.num_batches_tracked", "head.fc.weight", "head.fc.bias",
  ]

  @Test(arguments: forms)
  func stateDictIsThatOfPyTorch(name: String) throws {
    let contents = try Fixture.read(name)
    // Without the buffer that is not persistent, the bias that is None, and the module that is None.
    #expect(contents.tensors.map(\.name) == Self.names)
    for (start, tensor) in contents.tensors.enumerated() where tensor.type.isFloatingPoint {
      #expect(tensor.floats() == Fixture.fill(tensor.array.count, from: Float(start)))
    }
    #expect(contents["features.conv.weight"]?.shape == [4, 1, 3, 1])
  }

  @Test(arguments: forms)
  func classesAndAttributesAreRead(name: String) throws {
    let module = try #require(try Fixture.read(name).module)
    #expect(module.className == "__main__.Net")
    #expect(module.children.map(\.name) == ["features", "head"])
    let features = try #require(module[path: "features"])
    #expect(features.className == "torch.nn.modules.container.Sequential")
    #expect(features.children.map(\.name) == ["conv", "norm", "act", "pool"])
    let convolution = try #require(module[path: "features.conv"])
    #expect(convolution.className == "torch.nn.modules.conv.Conv2d")
    #expect(convolution.attributes["kernel_size"] == .list([.integer(3), .integer(1)]))
    #expect(convolution.attributes["stride"] == .list([.integer(2), .integer(2)]))
    #expect(convolution.attributes["padding"] == .list([.integer(1), .integer(1)]))
    #expect(convolution.attributes["groups"]?.integer == 1)
    #expect(convolution.attributes["padding_mode"]?.text == "zeros")
    let norm = try #require(module[path: "features.norm"])
    #expect(norm.attributes["eps"]?.number == 1e-3)
    #expect(norm.attributes["momentum"]?.number == 0.2)
    #expect(norm.attributes["affine"]?.boolean == true)
    #expect(module[path: "features.act"]?.attributes["negative_slope"]?.number == 0.2)
    #expect(module[path: "features.act"]?.attributes["inplace"]?.boolean == true)
    #expect(module[path: "features.pool"]?.attributes["kernel_size"]?.number == 2)
    #expect(module[path: "head.fc"]?.attributes["in_features"]?.integer == 4)
    #expect(module[path: "head.nothing"] == nil)
  }

  @Test func functionsTuplesAndSmallTensorsAreAttributes() throws {
    let attributes = try #require(try Fixture.read("net.pt").module).attributes
    #expect(attributes["activation"] == .name("torch.tanh"))
    #expect(attributes["output"] == .name("torch.nn.functional.log_softmax"))
    #expect(attributes["norm_layer"] == .name("torch.nn.modules.batchnorm.BatchNorm2d"))
    #expect(attributes["kind"] == .name("torch.nn.modules.conv.Conv2d"))
    #expect(attributes["mean"] == .list([.number(0.5), .number(0.25)]))
    #expect(attributes["size"] == .list([.integer(2), .integer(3)]))
    #expect(attributes["options"] == nil)
    #expect(attributes["training"] == .boolean(false))
  }

  @Test func legacyFilesHoldTheTextOfClasses() throws {
    let sources = try Fixture.read("net-legacy.pt").sources
    #expect(sources["__main__.Net"]?.contains("def forward(self, x):") == true)
    #expect(sources["torch.nn.modules.conv.Conv2d"]?.hasPrefix("class Conv2d") == true)
    #expect(try Fixture.read("net.pt").sources.isEmpty)
  }

  @Test func statesAroundModulesAreRead() throws {
    let contents = try Fixture.read("net-state.pth")
    #expect(contents.strippedPrefix == "module.")
    #expect(contents.scalars == ["epoch": 7, "acc": 0.5])
  }
}

@Suite(.enabled(if: SharedData.has("zoo"), SharedData.note))
struct PublishedModuleTests {
  @Test(arguments: [
    ("mnist_softmax_module", ["cnn1", "maxpool1", "cnn2", "maxpool2", "fc1"]),
    ("mnist_mlp_sequential", ["0", "1", "2", "3", "4", "5", "6"]),
    ("mnist_layers_bn_module", ["layer1", "layer2", "fc"]),
  ])
  func modulesAreRead(name: String, children: [String]) throws {
    let contents = try CheckpointFile.read(try SharedData.url("zoo/\(name)/model.pt").path)
    let module = try #require(contents.module)
    #expect(Array(module.children.map(\.name).prefix(children.count)) == children)
    for tensor in contents.tensors {
      let parts = tensor.name.split(separator: ".")
      #expect(module[path: parts.dropLast().joined(separator: ".")] != nil, "\(tensor.name)")
    }
  }
}
