import ComputationGraph
import Testing

@testable import NeuralNetworks

/// Vision transformers are found by the shapes of their tensors, whatever these are called.
@Suite struct EncoderRecognitionTests {
  /// Names of one author for the tensors of a network; those that are not here stay.
  struct Naming: Sendable, CustomTestStringConvertible {
    let name: String
    /// Beginnings of names and what stands in their place.
    let beginnings: KeyValuePairs<String, String>
    /// Parts of names in blocks.
    let parts: KeyValuePairs<String, String>
    var testDescription: String { name }
  }

  static let namings = [
    // torch.nn.TransformerEncoder.
    Naming(
      name: "encoder-patch4-w48-d3-h3-m96-post-relu-nonorm",
      beginnings: ["layers.": "encoder.layers.", "token": "cls", "positions": "pos"],
      parts: [
        "attention.projections.": "self_attn.in_proj_", "attention.output": "self_attn.out_proj",
      ]),
    // The hidden layer is as wide as the rows.
    Naming(
      name: "encoder-patch4-w48-d2-h3-m48",
      beginnings: [
        "layers.": "transformer_encoder.", "embedding": "patcher", "head": "classifier.1",
      ],
      parts: [
        "norm1": "msa_block.layer_norm", "norm2": "mlp_block.layer_norm",
        "attention.projections.": "msa_block.multihead_attn.in_proj_",
        "attention.output": "msa_block.multihead_attn.out_proj", "linear1": "mlp_block.mlp.0",
        "linear2": "mlp_block.mlp.3",
      ]),
    // The hidden layer is as wide as queries, keys and values together.
    Naming(
      name: "encoder-patch4-w48-d2-h3-m144-nobias",
      beginnings: ["layers.": "block_", "embedding": "stem"],
      parts: ["attention.projections": "qkv", "attention.output": "proj", "linear1": "up"]),
    Naming(
      name: "encoder-patch4-w48-d2-h3-m48-head48-rows-split",
      beginnings: ["layers.": "layer.", "hidden": "pooler.dense", "head": "zz.classifier"],
      parts: [
        "norm1": "ln_msa", "norm2": "ln_ffn", "attention.queries": "attn.query",
        "attention.keys": "attn.key", "attention.values": "attn.value",
        "attention.output": "attn.out",
        "linear1": "ffn.fc1", "linear2": "ffn.fc2",
      ]),
    // omihub777/ViT-CIFAR.
    Naming(
      name: "encoder-patch4-w48-d2-h3-m96-rows-split-twice-widescale",
      beginnings: ["layers.": "enc.", "embedding": "emb", "norm": "fc.0", "head": "fc.1"],
      parts: [
        "norm1": "la1", "norm2": "la2", "attention.queries": "msa.q", "attention.keys": "msa.k",
        "attention.values": "msa.v", "attention.output": "msa.o", "linear1": "mlp.0",
        "linear2": "mlp.3",
      ]),
  ]

  private func network(_ name: String) throws -> Model {
    try ArchitectureTests.network(name, ArchitectureTests.cifar, classes: 7)
  }

  private func tensors(
    _ naming: Naming, of model: Model
  ) -> [(own: String, name: String, shape: Shape)] {
    model.layout.segments.map { segment in
      var name = segment.name
      if name.hasPrefix("layers.") {
        for (part, other) in naming.parts { name = name.replacing(".\(part)", with: ".\(other)") }
      }
      for (beginning, other) in naming.beginnings where name.hasPrefix(beginning) {
        name = other + name.dropFirst(beginning.count)
        break
      }
      return (segment.name, name, segment.shape)
    }
  }

  @Test(arguments: namings, [false, true])
  func `tensors of any names are found, sorted or not`(naming: Naming, isSorted: Bool) throws {
    let model = try network(naming.name)
    var tensors = tensors(naming, of: model)
    #expect(tensors.contains { $0.own != $0.name })
    if isSorted { tensors.sort { $0.name < $1.name } }
    let result = Architecture.recognize(
      tensors.map { ($0.name, $0.shape) }, input: ArchitectureTests.cifar)
    let match = try #require(result.matches.first)
    #expect(match.architecture.name == naming.name)
    #expect(match.architecture.classCount == 7)
    #expect(
      match.tensorNames
        == Dictionary(uniqueKeysWithValues: tensors.map { ($0.own, $0.name) }))
  }

  @Test func `what tensors do not show is offered or a lookalike`() throws {
    let naming = Self.namings[2]
    let tensors = try tensors(naming, of: network(naming.name)).map { ($0.name, $0.shape) }
    let matches = Architecture.recognize(tensors, input: ArchitectureTests.cifar).matches
      .map(\.architecture)
    let names = matches.map(\.name)
    let base = "encoder-patch4-w48-d2-h3-m144"
    #expect(
      Array(names.prefix(3)) == ["-nobias", "-nobias-mean", "-nobias-meannorm"].map { base + $0 })
    #expect(names.contains("encoder-patch4-w48-d2-h1-m144-headwise-nobias-post-mean"))
    let others = try #require(matches.first).lookalikes
    #expect(
      Set(others.map(\.name)).isSuperset(of: [base + "-nobias-relu", base + "-nobias-widescale"]))
    #expect(others.contains { $0.name == "encoder-patch4-w48-d2-h12-m144-nobias" })
    let layout = try Model(matches[0]).layout
    for other in matches + others { #expect(try Model(other).layout == layout, "\(other.name)") }
  }

  @Test func `a norm beside the last layer reads the mean`() throws {
    func first(_ norm: String, _ head: String) throws -> String? {
      let model = try network("encoder-patch4-w48-d2-h3-m96-notoken-mean")
      let tensors = model.layout.segments.map { segment in
        let name = segment.name.hasPrefix("norm.") ? norm + segment.name.dropFirst(4) : segment.name
        return (name.hasPrefix("head.") ? head + name.dropFirst(4) : name, segment.shape)
      }
      return Architecture.recognize(tensors, input: ArchitectureTests.cifar).matches.first?
        .architecture.name
    }
    #expect(try first("norm", "head") == "encoder-patch4-w48-d2-h3-m96-notoken-mean")
    #expect(try first("out.0", "out.1") == "encoder-patch4-w48-d2-h3-m96-notoken-meannorm")
  }

  /// Weights of GELU often do better with ReLU, or the other way round: by so much that a loss may be lower.
  @Test func `layers of PyTorch have ReLU unless their norms come first`() throws {
    let tensors = try tensors(Self.namings[0], of: network(Self.namings[0].name)).map {
      ($0.name, $0.shape)
    }
    let usual = try #require(
      Architecture.recognize(tensors, input: ArchitectureTests.cifar).matches.first?.architecture)
    func cost(_ options: String) throws -> Double {
      try Architecture.named(
        "encoder-patch4-w48-d3-h3-m96\(options)", input: ArchitectureTests.cifar, classCount: 7
      ).cost(beside: usual)
    }
    #expect(try cost("-post-relu-nonorm") == 0 && cost("-nonorm") == 0)
    #expect(try cost("-post-nonorm") > 0 && cost("-relu-nonorm") > 0)
  }

  @Test func `a stated one is found among them, and no other`() throws {
    let naming = Self.namings[3]
    let tensors = try tensors(naming, of: network(naming.name)).map { ($0.name, $0.shape) }
    func names(_ stated: String) -> [String] {
      Architecture.recognize(tensors, input: ArchitectureTests.cifar, stated: stated).matches
        .map(\.architecture.name)
    }
    let rare = "encoder-patch4-w48-d2-h6-m48-head48-pixels-split-relu-headgelu"
    #expect(names(rare).last == rare)
    #expect(!names("encoder-patch4-w48-d2-h6-m48-head48-rows").contains { !$0.contains("split") })
  }

  @Test func `what has other tensors is none`() throws {
    let naming = Self.namings[1]
    let all = try tensors(naming, of: network(naming.name)).map { ($0.name, $0.shape) }
    func finds(_ tensors: [(String, Shape)]) -> Bool {
      Architecture.recognize(tensors, input: ArchitectureTests.cifar).matches
        .contains { $0.architecture.name.hasPrefix("encoder") }
    }
    #expect(finds(all))
    #expect(!finds(all + [("extra", [48])]))
    // Batch norms, whose weights have the shapes of layer norms.
    #expect(!finds(all + [("norm.running_mean", [48]), ("norm.running_var", [48])]))
    for index in all.indices where all[index].0 != "token" && all[index].0 != "positions" {
      #expect(!finds(Array(all[..<index] + all[(index + 1)...])), "without \(all[index].0)")
    }
    // Queries and keys that only their order could tell apart.
    let split = Self.namings[3]
    let unclear = try tensors(split, of: network(split.name)).map {
      ($0.name.replacing("query", with: "a").replacing("key", with: "b"), $0.shape)
    }
    #expect(!finds(unclear))
  }

  @Test(arguments: ["", "-notoken-mean"]) func `images need a patch`(options: String) throws {
    let large = try Architecture.named(
      "encoder-patch64-w8-d1-h1-m8\(options)", input: ArchitectureTests.cifar, classCount: 7)
    let error = #expect(throws: ShapeError.self) { try Model(large) }
    #expect(error?.reason.contains("no patch of 64") == true)
  }

  /// Widths that leave no number of heads, and shapes of nothing.
  @Test(arguments: [0, 1, 2, 3]) func `what is too narrow for heads is none`(width: Int) throws {
    let naming = Self.namings[2]
    let tensors = try tensors(naming, of: network(naming.name)).map { tensor in
      (
        tensor.name,
        Shape(tensor.shape.dimensions.map { $0.isMultiple(of: 48) ? $0 / 48 * width : $0 })
      )
    }
    #expect(Architecture.recognize(tensors).matches.isEmpty)
    #expect(Architecture.recognize(tensors, input: ArchitectureTests.cifar).matches.isEmpty)
  }

  @Test(arguments: [
    "encoder-patch4-w48-d2-h5-m96", "encoder-patch4-w48-d2-h3-m96-notoken",
    "encoder-patch4-w48-d2-h3-m96-relu-post", "encoder-patch4-w48-d2-h3-m96-mean-meannorm",
    "encoder-patch4-w48-d2-h3-m96-headgelu", "encoder-patch4-w48-d2-h3-m96-split-headwise",
  ])
  func `names that contradict themselves are none`(name: String) {
    #expect(ArchitectureFamily(name: name) == nil)
  }
}
