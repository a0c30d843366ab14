import Checkpoints
import Testing

@testable import ModelSearch

@Suite struct ModulePeculiarityTests {
  private static func network(_ attributes: [String: AttributeValue]) -> PickledModule {
    let layers = [
      PickledModule(className: "torch.nn.modules.activation.ReLU"),
      PickledModule(className: "torch.nn.modules.conv.Conv2d", attributes: attributes),
    ]
    let features = PickledModule(
      className: "torch.nn.modules.container.Sequential",
      children: layers.enumerated().map { .init(name: "\($0)", module: $1) })
    return PickledModule(
      className: "__main__.Net", attributes: ["dilation": .integer(7)],
      children: [.init(name: "features", module: features)])
  }

  @Test func dilationAndPaddingOfLayersAreSaid() {
    #expect(
      Self.network(["dilation": .list([.integer(1), .integer(3)])]).peculiarity
        == "features.1 has dilation 1 x 3")
    #expect(
      Self.network(["padding_mode": .text("circular")]).peculiarity
        == "features.1 has padding_mode 'circular'")
  }

  /// Convolutions are searched with it, and other layers are not.
  @Test func dilationOfConvolutionsIsAHint() throws {
    let dilated = Self.network([
      "dilation": .list([.integer(2), .integer(2)]), "stride": .list([.integer(1), .integer(1)]),
      "padding": .list([.integer(4), .integer(4)]),
    ])
    #expect(dilated.peculiarity == nil)
    #expect(
      ModuleHints(dilated).steps["features.1"]
        == Geometry.Step(stride: [1, 1], padding: [4, 4], dilation: 2))
    let pool = PickledModule(
      className: "torch.nn.modules.pooling.MaxPool2d", attributes: ["dilation": .integer(2)])
    let network = PickledModule(
      className: "__main__.Net", children: [.init(name: "pool", module: pool)])
    #expect(network.peculiarity == "pool has dilation 2")
  }

  @Test func usualLayersAndAttributesOfOwnClassesSayNothing() {
    let usual: [String: AttributeValue] = [
      "dilation": .list([.integer(1), .integer(1)]), "padding_mode": .text("zeros"),
    ]
    #expect(Self.network(usual).peculiarity == nil)
    #expect(Self.network([:]).peculiarity == nil)
  }
}
