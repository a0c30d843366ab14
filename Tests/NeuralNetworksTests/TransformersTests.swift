import ComputationGraph
import Foundation
import Testing

@testable import NeuralNetworks

/// Names and counts of networks of transformers, from their configurations alone.
@Suite struct TransformersTests {
  static let tokens = TransformersInputs(
    [.init(name: "input_ids", shape: [8], isInteger: true)], source: "data")

  static func model<Definition: TransformersDefinition>(
    _ type: Definition.Type, _ className: String, _ json: String
  ) throws -> Model {
    let configuration = try JSONDecoder().decode(
      Definition.Configuration.self, from: Data(json.utf8))
    return try Model(
      .definition(
        AnyModelDefinition(
          Definition(className: className, configuration: configuration, data: tokens))))
  }

  private static func refusal<Definition: TransformersDefinition>(
    _ type: Definition.Type, _ json: String
  ) -> String? {
    do {
      _ = try model(type, Definition.classNames[0], json)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `what a file leaves out is as in transformers`() throws {
    // Counts as transformers prints them, of the published networks where they are the defaults.
    let gpt2 = try Self.model(GPT2.self, "GPT2LMHeadModel", "{}")
    #expect(gpt2.layout.count == 124_439_808 && gpt2.layout.segments.count == 148)
    let llama = try Self.model(Llama.self, "LlamaForCausalLM", #"{"model_type": "llama"}"#)
    #expect(llama.layout.count == 6_738_415_616 && llama.layout.segments.count == 291)
    let mistral = try Self.model(Llama.self, "MistralForCausalLM", #"{"model_type": "mistral"}"#)
    #expect(mistral.layout.count == 7_241_732_096)
    let qwen = try Self.model(
      Llama.self, "Qwen2ForCausalLM",
      """
      {"model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
       "num_attention_heads": 14, "num_key_value_heads": 2, "tie_word_embeddings": true}
      """)
    #expect(qwen.layout.count == 494_032_768)
    let classifier = try Self.model(BERT.self, "BertForSequenceClassification", "{}")
    #expect(classifier.layout.count == 109_483_778 && classifier.outputShape == [2])
    let masked = try Self.model(BERT.self, "BertForMaskedLM", "{}")
    #expect(masked.layout.count == 109_514_298 && masked.outputShape == [8, 30_522])
    let vit = try Self.model(ViT.self, "ViTForImageClassification", #"{"num_labels": 1000}"#)
    #expect(vit.layout.count == 86_567_656 && vit.inputs[0].shape == [3, 224, 224])
  }

  @Test func `parameters are named and ordered as in state dicts`() throws {
    let gpt2 = try Self.model(GPT2.self, "GPT2LMHeadModel", #"{"n_layer": 1}"#).layout
    #expect(
      gpt2.segments.map(\.name) == [
        "transformer.wte.weight", "transformer.wpe.weight", "transformer.h.0.ln_1.weight",
        "transformer.h.0.ln_1.bias", "transformer.h.0.attn.c_attn.weight",
        "transformer.h.0.attn.c_attn.bias", "transformer.h.0.attn.c_proj.weight",
        "transformer.h.0.attn.c_proj.bias", "transformer.h.0.ln_2.weight",
        "transformer.h.0.ln_2.bias", "transformer.h.0.mlp.c_fc.weight",
        "transformer.h.0.mlp.c_fc.bias", "transformer.h.0.mlp.c_proj.weight",
        "transformer.h.0.mlp.c_proj.bias", "transformer.ln_f.weight", "transformer.ln_f.bias",
      ])
    // Conv1D: outputs last.
    #expect(gpt2["transformer.h.0.attn.c_attn.weight"]?.filterCount == 3 * 768)
    #expect(gpt2["transformer.h.0.attn.c_attn.weight"]?.fanIn == 768)
    let llama = try Self.model(
      Llama.self, "LlamaForCausalLM",
      #"{"model_type": "llama", "num_hidden_layers": 1, "num_key_value_heads": 8}"#
    ).layout
    #expect(
      llama.segments.map(\.name) == [
        "model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight",
        "model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.v_proj.weight",
        "model.layers.0.self_attn.o_proj.weight", "model.layers.0.mlp.gate_proj.weight",
        "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight",
        "model.layers.0.input_layernorm.weight", "model.layers.0.post_attention_layernorm.weight",
        "model.norm.weight", "lm_head.weight",
      ])
    #expect(llama["model.layers.0.self_attn.k_proj.weight"]?.shape == [1024, 4096])
    #expect(llama["model.norm.weight"]?.role == .normScale)
    #expect(llama["model.embed_tokens.weight"]?.role == .embedding)
  }

  @Test func `values that would change the function are refused by name`() throws {
    let cases: [(String?, String)] = [
      (Self.refusal(GPT2.self, #"{"add_cross_attention": true}"#), "\"add_cross_attention\": true"),
      (Self.refusal(GPT2.self, #"{"activation_function": "xielu"}"#), "\"activation_function\""),
      (Self.refusal(GPT2.self, #"{"n_head": 7}"#), "\"n_head\": 7"),
      (Self.refusal(GPT2.self, #"{"n_embd": 0}"#), "\"n_embd\": 0"),
      (Self.refusal(GPT2.self, #"{"n_layer": 1000000}"#), "\"n_layer\": 1000000"),
      (Self.refusal(GPT2.self, #"{"attn_pdrop": 1}"#), "\"attn_pdrop\": 1.0"),
      (Self.refusal(GPT2.self, #"{"n_positions": 4}"#), "8 tokens, but the table has 4 rows"),
      (Self.refusal(BERT.self, #"{"position_embedding_type": "relative_key"}"#), "relative_key"),
      (Self.refusal(BERT.self, #"{"is_decoder": true}"#), "\"is_decoder\": true"),
      (Self.refusal(BERT.self, #"{"pad_token_id": 40000}"#), "\"pad_token_id\": 40000"),
      (Self.refusal(ViT.self, #"{"patch_size": 15}"#), "\"patch_size\""),
      (Self.refusal(Llama.self, "{}"), "\"model_type\""),
      (Self.refusal(Llama.self, #"{"model_type": "qwen2"}"#), "use Qwen2ForCausalLM"),
      (
        Self.refusal(Llama.self, #"{"model_type": "llama", "num_key_value_heads": 5}"#),
        "\"num_key_value_heads\": 5"
      ),
      (
        Self.refusal(
          Llama.self,
          #"{"model_type": "llama", "rope_scaling": {"rope_type": "longrope", "factor": 2}}"#),
        "\"rope_type\": \"longrope\""
      ),
      (
        Self.refusal(
          Llama.self, #"{"model_type": "llama", "rope_scaling": {"type": "linear"}}"#), "factor"
      ),
      (
        Self.refusal(
          Llama.self,
          #"{"model_type": "llama", "rope_parameters": {"full_attention": {"rope_theta": 1e4}}}"#),
        "full_attention"
      ),
      (
        Self.refusal(Llama.self, #"{"model_type": "llama", "partial_rotary_factor": 0.5}"#),
        "partial_rotary_factor"
      ),
    ]
    for (found, part) in cases {
      #expect(found?.contains(part) == true, "\(found ?? "accepted"), not \(part)")
    }
  }

  @Test func `tokens are told from masks and types`() throws {
    func reads(_ names: [(String, [Int], Bool)], types: Bool) throws -> TokenInputs {
      try TransformersInputs(
        names.map { .init(name: $0.0, shape: $0.1, isInteger: $0.2) }, source: "data"
      ).tokenInputs(takesTypes: types)
    }
    #expect(
      try reads([("attention_mask", [4], true), ("text", [4], true)], types: false)
        == TokenInputs(tokens: "text", length: 4, hasAttentionMask: true))
    for wrong in [
      [("input_ids", [4], true), ("token_type_ids", [4], true)], [("x", [4], false)],
      [("x", [2, 4], true)], [("x", [], true)], [("x", [4], true), ("z", [4], true)],
      [("attention_mask", [4], true)], [("loss/target", [4], true)], [("dropout.1", [4], true)],
    ] {
      #expect(throws: TransformersInputError.self) { try reads(wrong, types: false) }
    }
  }

  /// Rates are those of the configuration, layer by layer; what is zero is no layer.
  @Test func `dropout has the rates of the configuration`() throws {
    let model = try Self.model(
      GPT2.self, "GPT2LMHeadModel",
      #"{"n_layer": 1, "n_embd": 16, "n_head": 4, "embd_pdrop": 0.5, "attn_pdrop": 0.25, "resid_pdrop": 0}"#
    )
    #expect(model.dropoutRates == [0.5, 0.25])
    var graph = Graph()
    let nodes = try model.instantiate(batch: 2, mode: .inference, dropsOut: true, in: &graph)
    #expect(nodes.dropoutMasks.map { graph.shape(of: $0) } == [[2, 8, 16], [2, 4, 8, 8]])
  }

  /// Angles for texts no longer than those of the training are the plain ones.
  @Test func `frequencies of rotary embeddings follow their formulas`() {
    var rotary = RotaryEmbedding(theta: 100)
    let plain = rotary.frequencies(width: 4, positions: 8, longest: 8).frequencies
    #expect(plain == [1, 0.1])
    rotary.factor = 2
    rotary.scaling = .linear
    #expect(rotary.frequencies(width: 4, positions: 8, longest: 8).frequencies == [0.5, 0.05])
    rotary.scaling = .dynamic
    #expect(rotary.frequencies(width: 4, positions: 8, longest: 8).frequencies == plain)
    #expect(rotary.frequencies(width: 4, positions: 9, longest: 8).frequencies[1] < 0.1)
    rotary.scaling = .yarn
    rotary.attentionFactor = 1.5
    #expect(rotary.frequencies(width: 4, positions: 8, longest: 8).factor == 1.5)
  }
}
