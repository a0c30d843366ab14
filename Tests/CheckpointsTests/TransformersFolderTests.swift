import Checkpoints
import FileFormats
import Foundation
import NeuralNetworks
import TestSupport
import Testing

/// Folders that are not what they should be end in one line that says what to do; definitions survive
/// in checkpoints.
@Suite struct TransformersFolderTests {
  private static let tokens = TransformersInputs(
    [.init(name: "input_ids", shape: [4], isInteger: true)], source: "data")
  private static let small = """
    {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_layer": 1, "n_embd": 4, "n_head": 2,
     "vocab_size": 5, "n_positions": 6}
    """

  private static func definition(_ json: String = small) throws -> GPT2 {
    try GPT2(
      className: "GPT2LMHeadModel",
      configuration: JSONDecoder().decode(GPT2Configuration.self, from: Data(json.utf8)),
      data: tokens)
  }

  private static func tensors() throws -> [StoredTensor] {
    let model = try Model(.definition(AnyModelDefinition(definition())))
    return TrainedModel(model: model, point: model.initialPoint(seed: 1)).storedTensors
  }

  private func write(_ files: [String: String], to folder: URL) throws {
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
  }

  /// The text of the error without the path.
  private func refusal(_ folder: URL) -> String {
    do {
      let contents = try CheckpointFile.read(folder.path)
      _ = try TrainedModel.transformers(contents, data: Self.tokens)
      return ""
    } catch {
      let text = "\(error)"
      #expect(text.hasPrefix(folder.path) && !text.contains("\n"), "\(text)")
      return text
    }
  }

  @Test func foldersWithoutTheirPartsSayWhatIsMissing() throws {
    let cases: [(files: [String: String], message: String)] = [
      ([:], "is a folder without config.json; give a checkpoint"),
      (["config.json": "{"], "config.json is no JSON object"),
      (["config.json": "{}"], "does not say in \"architectures\" which network it is"),
      (
        ["config.json": #"{"architectures": ["T5Model"], "model_type": "t5"}"#],
        "config.json describes T5Model (model_type 't5'); known are GPT2LMHeadModel, Llama"
      ),
      (
        [
          "config.json":
            #"{"architectures": ["GPT2LMHeadModel"], "quantization_config": {"quant_method": "gptq"}}"#
        ],
        "the weights are quantised (gptq)"
      ),
      (["config.json": Self.small], "has config.json but no weights; add model.safetensors"),
      (
        [
          "config.json": Self.small,
          "model.safetensors.index.json":
            #"{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}"#,
          "model-2.safetensors": "",
        ], "lacks 1 of the 2 files of model.safetensors.index.json (model-1.safetensors)"
      ),
      (
        [
          "config.json": Self.small,
          "model.safetensors.index.json": #"{"weight_map": {"a": "../model.safetensors"}}"#,
        ], "which is none of its folder"
      ),
      (
        ["config.json": Self.small, "model.safetensors.index.json": "[]"],
        "has no \"weight_map\""
      ),
    ]
    for (files, message) in cases {
      try withTemporaryFolder { folder in
        try write(files, to: folder)
        #expect(refusal(folder).contains(message), "\(refusal(folder)), not \(message)")
      }
    }
  }

  @Test func weightsThatAreNotThoseOfTheConfigurationAreRefused() throws {
    let tensors = try Self.tensors()
    let table = try #require(tensors.first)
    func renamed(_ tensor: StoredTensor, _ name: String) -> StoredTensor {
      StoredTensor(name: name, array: tensor.array)
    }
    let other = NumericArray([Float](repeating: 1, count: 20), shape: [5, 4])
    let cases: [(tensors: [StoredTensor], message: String?)] = [
      (tensors, nil),
      (tensors.map { renamed($0, $0.name.replacing("transformer.", with: "")) }, nil),
      (tensors + [renamed(table, "lm_head.weight")], nil),
      (tensors.dropFirst() + [renamed(table, "lm_head.weight")], nil),
      (tensors + [StoredTensor(name: "transformer.h.0.attn.masked_bias", array: other)], nil),
      (
        tensors + [StoredTensor(name: "lm_head.weight", array: other)],
        "differs from transformer.wte.weight, to which it is tied"
      ),
      (tensors + [renamed(table, "wte.weight")], "is there twice"),
      (
        Array(tensors.dropLast()),
        "tensor 'transformer.ln_f.bias': is missing, but GPT2LMHeadModel has it; config.json and "
          + "weights do not belong together"
      ),
      (tensors + [renamed(table, "score.weight")], "'score.weight': GPT2LMHeadModel has no such"),
    ]
    for (tensors, message) in cases {
      try withTemporaryFolder { folder in
        try write(["config.json": Self.small], to: folder)
        try CheckpointFile.write(
          tensors, metadata: [:], to: folder.appending(path: "model.safetensors").path)
        let found = refusal(folder)
        #expect(message.map { found.contains($0) } ?? found.isEmpty, "\(found)")
      }
    }
  }

  /// The weights of one file are those of several.
  @Test func shardsAreReadByTheirIndex() throws {
    let tensors = try Self.tensors()
    try withTemporaryFolder { folder in
      try write(["config.json": Self.small], to: folder)
      var places: [String: String] = [:]
      for (index, part) in [tensors[..<5], tensors[5...]].enumerated() {
        let name = "model-\(index).safetensors"
        for tensor in part { places[tensor.name] = name }
        try CheckpointFile.write(
          Array(part), metadata: [:], to: folder.appending(path: name).path)
      }
      let index = try JSONEncoder().encode(["weight_map": places])
      let path = folder.appending(path: "model.safetensors.index.json")
      try index.write(to: path)
      let contents = try CheckpointFile.read(folder.path)
      let trained = try TrainedModel.transformers(contents, data: Self.tokens)
      #expect(trained.storedTensors == tensors)
      places["transformer.h.9.ln_1.bias"] = "model-0.safetensors"
      try JSONEncoder().encode(["weight_map": places]).write(to: path)
      #expect(refusal(folder).contains("'transformer.h.9.ln_1.bias': is missing, though the index"))
    }
  }

  @Test func normalisationOfImagesIsThatOfThePreprocessor() throws {
    let cases: [(String, String?)] = [
      (#"{"image_mean": [0.5, 0.25], "image_std": [0.5, 1]}"#, "mean=0.5,0.25;std=0.5,1.0"),
      (#"{"do_normalize": false, "image_mean": [0.5], "image_std": [0.5]}"#, "none"),
      (#"{"size": 224}"#, nil),
    ]
    for (text, expected) in cases {
      try withTemporaryFolder { folder in
        try write(["config.json": Self.small, "preprocessor_config.json": text], to: folder)
        try CheckpointFile.write(
          Self.tensors(), metadata: [:], to: folder.appending(path: "model.safetensors").path)
        #expect(try CheckpointFile.read(folder.path).normalization == expected)
      }
    }
  }

  // MARK: - Definitions in files

  private func recoded<Definition: TransformersDefinition>(
    _ type: Definition.Type, _ className: String, _ json: String
  ) throws {
    let definition = try Definition(
      className: className,
      configuration: JSONDecoder().decode(Definition.Configuration.self, from: Data(json.utf8)),
      data: TransformersInputs(
        [
          .init(name: "text", shape: [4], isInteger: true),
          .init(name: "attention_mask", shape: [4], isInteger: true),
        ], source: "data"))
    let recipe = ModelRecipe.definition(AnyModelDefinition(definition))
    let data = try JSONEncoder().encode(recipe)
    #expect(try JSONDecoder().decode(ModelRecipe.self, from: data) == recipe, "\(className)")
  }

  @Test func definitionsOfAllKindsSurviveFiles() throws {
    try recoded(GPT2.self, "GPT2LMHeadModel", #"{"n_inner": 5, "scale_attn_weights": false}"#)
    try recoded(
      Llama.self, "LlamaForCausalLM",
      """
      {"model_type": "llama", "attention_bias": true, "head_dim": 6, "rope_theta": 5e5, "rope_scaling":
       {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4}}
      """)
    for window in ["null", "7"] {
      try recoded(
        Llama.self, "MistralForCausalLM",
        #"{"model_type": "mistral", "sliding_window": \#(window)}"#)
      try recoded(
        Llama.self, "Qwen2ForCausalLM",
        """
        {"model_type": "qwen2", "sliding_window": \(window), "use_sliding_window": true,
         "max_window_layers": 3}
        """)
    }
    for padding in ["null", "0", "4"] {
      try recoded(
        BERT.self, "BertForMaskedLM", #"{"pad_token_id": \#(padding), "classifier_dropout": 0.5}"#)
    }
    try recoded(
      ViT.self, "ViTForImageClassification",
      #"{"image_size": [32, 48], "id2label": {"0": "a", "1": "b", "2": "c"}}"#)
  }

  @Test func architecturesAreWrittenAsBefore() throws {
    let recipe = ModelRecipe.architecture(
      try .named("mlp-4", input: .features(3), classCount: 2))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = #"{"classes":2,"input":{"features":3},"name":"mlp-4"}"#
    #expect(String(decoding: try encoder.encode(recipe), as: UTF8.self) == text)
    #expect(try JSONDecoder().decode(ModelRecipe.self, from: Data(text.utf8)) == recipe)
  }

  @Test func trainedNetworksAreOpenedFromWhatTheySay() throws {
    let model = try Model(.definition(AnyModelDefinition(Self.definition())))
    let trained = TrainedModel(model: model, point: model.initialPoint(seed: 2))
    let path = try temporaryPath("model.ckpt")
    let metadata = TrainedModelMetadata(
      recipe: model.recipe, dataPath: "/data.npz", dataName: "data", normalization: "none",
      target: "next-token", context: 4)
    try trained.write(to: path, metadata: metadata)
    let (read, described) = try TrainedModel.readDescribed(CheckpointFile.read(path))
    #expect(read.model == model && read.point == trained.point && described == metadata)
  }

  /// What a file says of inputs is checked before a graph is made of it.
  @Test(
    arguments: ["\"length\":4", "\"tokens\":\"input_ids\""], ["0", "-1", "4611686018427387904"])
  func inputsThatNoDataHaveAreRefused(part: String, length: String) throws {
    let model = try Model(.definition(AnyModelDefinition(Self.definition())))
    let text = String(decoding: try JSONEncoder().encode(model.recipe), as: UTF8.self)
    let changed =
      part.hasPrefix("\"length")
      ? "\"length\":\(length)" : "\"tokens\":\"loss\\/target\(length)\""
    #expect(text.contains(part))
    let damaged = text.replacing(part, with: changed)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ModelRecipe.self, from: Data(damaged.utf8))
    }
  }

  @Test func kindsOfLaterVersionsAreNamed() throws {
    let path = try temporaryPath("model.ckpt")
    try CheckpointFile.write(
      Self.tensors(),
      metadata: [
        "format": "basin-model-1", "architecture": #"{"kind":"mamba","definition":{}}"#,
        "data": "digits", "data.name": "digits", "normalization": "none",
      ], to: path)
    let error = #expect(throws: CheckpointError.self) {
      try TrainedModelMetadata(CheckpointFile.read(path))
    }
    #expect(error?.description.contains("a model of the kind \"mamba\"") == true)
  }
}
