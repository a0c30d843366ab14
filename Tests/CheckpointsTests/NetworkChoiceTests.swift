import FileFormats
import Testing

@testable import Checkpoints

/// Which of the tensors of a file are the network's, and under which names.
@Suite struct NetworkChoiceTests {
  typealias Entry = CheckpointValue.Entry

  static func tensor(_ shape: [Int], _ value: Float = 1) -> CheckpointValue {
    .tensor(NumericArray([Float](repeating: value, count: shape.reduce(1, *)), shape: shape))
  }

  static let counter = CheckpointValue.tensor(NumericArray([3], shape: []))

  /// A network of two layers.
  static func network(_ prefix: String = "", _ value: Float = 1) -> [Entry] {
    [
      Entry(key: prefix + "conv.weight", value: tensor([4, 3, 3, 3], value)),
      Entry(key: prefix + "conv.bias", value: tensor([4], value)),
      Entry(key: prefix + "fc.weight", value: tensor([10, 4], value)),
      Entry(key: prefix + "fc.bias", value: tensor([10], value)),
    ]
  }

  static let names = network().map(\.key)

  static func state(_ values: [(String, CheckpointValue)]) -> CheckpointValue {
    .dictionary(values.map { Entry(key: $0.0, value: $0.1) })
  }

  static func taken(
    _ root: CheckpointValue, _ name: String? = nil
  ) throws -> CheckpointNetwork {
    try CheckpointNetwork(root, name: name, advice: "choose")
  }

  static func refusal(_ root: CheckpointValue, _ name: String? = nil) -> String {
    let error = #expect(throws: FileFormatError.self) { try taken(root, name) }
    return error?.detail ?? ""
  }

  // MARK: - State dicts

  @Test(arguments: [
    ["state_dict", "state_dict_ema"], ["model", "model_ema"], ["model", "ema"],
    ["net", "swa_model"],
    ["student", "teacher"], ["online_network", "target_network"], ["ema_state_dict", "state_dict"],
    ["encoder", "momentum_encoder"], ["state_dict", "best_state_dict"],
  ])
  func theUsualStateDictIsTakenAndTheOtherNamed(keys: [String]) throws {
    let usual = keys.first { !NetworkRole.isFollower($0) } ?? ""
    let root = Self.state(
      keys.map { ($0, .dictionary(Self.network("", $0 == usual ? 1 : 2))) } + [
        ("epoch", .number(1))
      ])
    let network = try Self.taken(root)
    #expect(network.tensors.map(\.name) == Self.names)
    #expect(network.tensors.allSatisfy { $0.floats()[0] == 1 })
    #expect(network.otherParts == keys.filter { $0 != usual })
    #expect(network.remarks.count == 1)
    let other = try Self.taken(root, keys.first { $0 != usual })
    #expect(other.tensors.allSatisfy { $0.floats()[0] == 2 })
  }

  @Test func withoutAUsualOneTheNamesAreListed() throws {
    let root = Self.state([
      ("generator", .dictionary(Self.network())), ("discriminator", .dictionary(Self.network())),
    ])
    #expect(
      Self.refusal(root)
        == "holds 2 state dicts ('generator', 'discriminator'), and none is the usual one; choose")
    #expect(
      Self.refusal(root, "critic") == "holds no 'critic', but 'generator', 'discriminator'")
    #expect(try Self.taken(root, "discriminator").otherParts == ["generator"])
    let list = Self.state([
      ("models", .list([.dictionary(Self.network()), .dictionary(Self.network("", 2))]))
    ])
    #expect(Self.refusal(list).hasPrefix("holds 2 state dicts ('models.0', 'models.1')"))
    #expect(try Self.taken(list, "models.1").tensors[0].floats()[0] == 2)
  }

  @Test func statesOfTrainingsAreNoNetworks() {
    let optimizer = CheckpointValue.dictionary([
      Entry(key: "state", value: .dictionary([Entry(key: "exp_avg", value: Self.tensor([4, 4]))])),
      Entry(key: "param_groups", value: .list([])),
    ])
    #expect(Self.refusal(optimizer).hasPrefix("holds the state of an optimizer"))
    let training = Self.state([("optimizer", optimizer), ("epoch", .number(3))])
    #expect(Self.refusal(training).contains("without its network"))
    #expect(Self.refusal(.dictionary([])) == "is empty")
  }

  @Test func aDictionaryForEachLayerIsOneNetwork() throws {
    let root = Self.state([
      ("conv", Self.state([("weight", Self.tensor([4, 3, 3, 3])), ("bias", Self.tensor([4]))])),
      ("fc", Self.state([("weight", Self.tensor([10, 4])), ("bias", Self.tensor([10]))])),
    ])
    #expect(try Self.taken(root).tensors.map(\.name) == Self.names)
  }

  @Test func modulesBesideTheStateDictSayWhatItsLayersAre() throws {
    let inner = PickledModule(
      className: "Net",
      children: ["conv", "fc"].map { .init(name: $0, module: PickledModule(className: $0)) })
    let around = PickledModule(
      className: "Around", children: [.init(name: "module", module: inner)])
    let loss = PickledModule(className: "torch.nn.modules.loss.CrossEntropyLoss")
    let root = Self.state([
      ("state_dict", .dictionary(Self.network("net."))),
      (
        "hyper_parameters",
        .dictionary([
          Entry(key: "net", value: .module(around, Self.network("module.", 2))),
          Entry(
            key: "loss", value: .module(loss, [Entry(key: "weight", value: Self.tensor([10]))])),
        ])
      ),
    ])
    let network = try Self.taken(root)
    #expect(network.tensors.map(\.name) == Self.names)
    #expect(network.tensors[0].floats()[0] == 1)
    #expect(network.module == inner)
    #expect(network.otherParts == ["hyper_parameters.net"])
    let other = Self.state([
      ("state_dict", .dictionary(Array(Self.network().dropLast()))),
      ("net", .module(inner, Self.network())),
    ])
    #expect(try Self.taken(other).module == nil)
  }

  @Test func pathsInModulesAreThoseOfTheTensors() throws {
    let net = PickledModule(
      className: "Net",
      children: ["conv", "fc"].map { .init(name: $0, module: PickledModule(className: $0)) })
    func around(_ names: [String]) -> PickledModule {
      PickledModule(className: "Around", children: names.map { .init(name: $0, module: net) })
    }
    // An average of weights has a counter beside the wrapper.
    let averaged = try Self.taken(
      .module(
        around(["module"]),
        [Entry(key: "n_averaged", value: Self.counter)] + Self.network("module.")))
    #expect(averaged.tensors.map(\.name) == Self.names && averaged.module == net)
    let pair = CheckpointValue.module(
      around(["student", "teacher"]), Self.network("student.") + Self.network("teacher.", 2))
    #expect(try Self.taken(pair).module == net)
    #expect(try Self.taken(pair, "teacher").tensors[0].floats()[0] == 2)
    // Other modules around a network may compute something too.
    let inner = try Self.taken(.module(around(["body"]), Self.network("body.")))
    #expect(inner.tensors.map(\.name) == Self.names.map { "body.\($0)" })
    #expect(inner.module == around(["body"]))
  }

  @Test func listsOfTensorsAreTakenWhereThereIsNothingElse() throws {
    let list = CheckpointValue.list([Self.tensor([4, 3, 3, 3]), Self.tensor([4])])
    let network = try Self.taken(Self.state([("params", list), ("epoch", .number(1))]))
    #expect(network.tensors.map(\.name) == ["arr_0", "arr_1"])
    let beside = Self.state([("gradients", list), ("net", .dictionary(Self.network()))])
    #expect(try Self.taken(beside).tensors.map(\.name) == Self.names)
  }

  // MARK: - Prefixes

  @Test(arguments: [
    "module.", "model.", "anything.of.any.depth.", "module._orig_mod.", "1.", "_module.net.",
  ])
  func prefixesOfAllTensorsAreWrappers(prefix: String) throws {
    let network = try Self.taken(.dictionary(Self.network(prefix)))
    #expect(network.tensors.map(\.name) == Self.names)
    #expect(network.strippedPrefix == prefix)
    #expect(network.originals.map(\.name) == Self.names.map { prefix + $0 })
    #expect(network.remarks.isEmpty)
  }

  @Test func wrappersInTheMiddleAreLeftOut() throws {
    let network = try Self.taken(
      .dictionary([
        Entry(key: "conv.module.weight", value: Self.tensor([4, 3, 3, 3])),
        Entry(key: "layer._orig_mod.0.weight", value: Self.tensor([4, 4])),
        Entry(key: "layer._orig_mod.1.weight", value: Self.tensor([4, 4])),
        Entry(key: "module.weight", value: Self.tensor([10, 4])),
      ]))
    #expect(
      network.tensors.map(\.name)
        == ["conv.weight", "layer.0.weight", "layer.1.weight", "module.weight"])
  }

  @Test func aSingleLayerKeepsItsName() throws {
    let network = try Self.taken(
      .dictionary([
        Entry(key: "linear.weight", value: Self.tensor([10, 4])),
        Entry(key: "linear.bias", value: Self.tensor([10])),
      ]))
    #expect(network.tensors.map(\.name) == ["linear.weight", "linear.bias"])
  }

  @Test func ownNamesAreThereForThoseWhoKnowThem() throws {
    let contents = CheckpointContents(
      path: "", format: .pyTorchZip, sha256: "",
      tensors: [StoredTensor(name: "0.weight", array: NumericArray([1 as Float]))],
      originals: [StoredTensor(name: "net.0.weight", array: NumericArray([1 as Float]))])
    #expect(contents.named(as: ["net.0.weight"]).tensors.map(\.name) == ["net.0.weight"])
    #expect(contents.named(as: ["0.weight"]).tensors.map(\.name) == ["0.weight"])
    #expect(contents.named(as: ["other"]).tensors.map(\.name) == ["0.weight"])
    // What is no part of the network comes back only where it is named.
    let network = try Self.taken(
      .dictionary(
        Self.network("net.") + [
          Entry(key: "n_averaged", value: Self.counter),
          Entry(key: "criterion.weight", value: Self.tensor([10])),
        ]))
    let whole = CheckpointContents(
      path: "", format: .pyTorchZip, sha256: "", tensors: network.tensors,
      originals: network.originals, passedOver: network.passedOver)
    let own = Self.network("net.").map(\.key)
    #expect(whole.named(as: Set(own)).tensors.map(\.name) == own)
    #expect(
      whole.named(as: Set(own + ["criterion.weight"])).tensors.map(\.name)
        == own + ["criterion.weight"])
  }

  // MARK: - Networks side by side

  @Test(arguments: [
    ["model", "ema_model"], ["model", "model_ema"], ["net", "swa"], ["student", "teacher"],
    ["backbone", "momentum_backbone"],
  ])
  func averagesBesideTheNetworkAreNamed(names: [String]) throws {
    for prefix in ["", "module."] {
      let entries = names.enumerated().flatMap {
        Self.network("\(prefix)\($0.element).", Float($0.offset + 1))
      }
      let root = CheckpointValue.dictionary(entries)
      let network = try Self.taken(root)
      #expect(network.tensors.map(\.name) == Self.names)
      #expect(network.tensors.allSatisfy { $0.floats()[0] == 1 })
      #expect(network.otherParts == [names[1]])
      #expect(
        network.remarks == [
          "holds 2 networks and takes '\(names[0])'; also there: '\(names[1])' (`weights` chooses)"
        ])
      #expect(try Self.taken(root, names[1]).tensors[0].floats()[0] == 2)
    }
  }

  @Test func equalCopiesWithOtherWeightsAreAsked() throws {
    let root = CheckpointValue.dictionary(Self.network("a.") + Self.network("b.", 2))
    #expect(
      Self.refusal(root) == "holds 2 networks ('a', 'b'), and none is the usual one; choose")
    #expect(try Self.taken(root, "b").tensors[0].floats()[0] == 2)
    let same = CheckpointValue.dictionary(Self.network("a.") + Self.network("b.c."))
    #expect(try Self.taken(same).remarks.isEmpty)
    #expect(try Self.taken(same).tensors.map(\.name) == Self.names)
  }

  @Test func backboneAndHeadAreOneNetwork() throws {
    let network = try Self.taken(
      .dictionary([
        Entry(key: "backbone.0.weight", value: Self.tensor([4, 3, 3, 3])),
        Entry(key: "backbone.2.weight", value: Self.tensor([4, 4, 3, 3])),
        Entry(key: "target_head.0.weight", value: Self.tensor([5, 4])),
        Entry(key: "target_head.2.weight", value: Self.tensor([10, 5])),
      ]))
    #expect(network.tensors.count == 4)
    #expect(network.otherParts.isEmpty)
  }

  @Test func equalBlocksAreOneNetwork() throws {
    let network = try Self.taken(
      .dictionary(
        [Entry(key: "stem.weight", value: Self.tensor([4, 3, 3, 3]))] + Self.network("block1.")
          + Self.network("block2.")))
    #expect(network.tensors.count == 9)
  }

  @Test func aSingleNetworkHasNoParts() {
    #expect(
      Self.refusal(.dictionary(Self.network()), "ema")
        == "holds a single network, so there is no 'ema' for `weights` to choose; leave it out")
  }
}
