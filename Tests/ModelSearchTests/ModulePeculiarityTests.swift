import Checkpoints
import ModelSearch
import Testing

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
      Self.network(["dilation": .list([.integer(2), .integer(2)])]).peculiarity
        == "features.1 has dilation 2")
    #expect(
      Self.network(["dilation": .list([.integer(1), .integer(3)])]).peculiarity
        == "features.1 has dilation 1 x 3")
    #expect(
      Self.network(["padding_mode": .text("circular")]).peculiarity
        == "features.1 has padding_mode 'circular'")
  }

  @Test func usualLayersAndAttributesOfOwnClassesSayNothing() {
    let usual: [String: AttributeValue] = [
      "dilation": .list([.integer(1), .integer(1)]), "padding_mode": .text("zeros"),
    ]
    #expect(Self.network(usual).peculiarity == nil)
    #expect(Self.network([:]).peculiarity == nil)
  }
}
