internal import ModelImport
package import NeuralNetworks

/// The kinds of definitions that files can hold.
enum StoredDefinitions {
  /// All kinds, by their names in files.
  static let kinds: [String: any StoredModelDefinition.Type] = [
    GPT2.kind: GPT2.self, Llama.kind: Llama.self, BERT.kind: BERT.self, ViT.kind: ViT.self,
    ImportedModel.kind: ImportedModel.self, LayerNetwork.kind: LayerNetwork.self,
  ]
}

/// A recipe in files: an architecture as it is, any other definition with its kind.
extension ModelRecipe: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, definition
  }

  /// Reads an architecture or a definition of a known kind.
  ///
  /// - Throws: `ArchitectureError` for an unknown name or sizes out of range; `UnknownModelKind`; what
  ///   the definition throws.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let kind = try container.decodeIfPresent(String.self, forKey: .kind) else {
      self = .architecture(try Architecture(from: decoder))
      return
    }
    guard let type = StoredDefinitions.kinds[kind] else { throw UnknownModelKind(kind: kind) }
    func definition<Definition: StoredModelDefinition>(
      _ type: Definition.Type
    ) throws -> AnyModelDefinition {
      AnyModelDefinition(try container.decode(type, forKey: .definition))
    }
    self = .definition(try definition(type))
  }

  /// Writes an architecture as it is, or a definition with its kind.
  ///
  /// - Throws: `EncodingError` for a definition that no file can hold.
  package func encode(to encoder: any Encoder) throws {
    guard case .definition(let any) = self else {
      if case .architecture(let architecture) = self { try architecture.encode(to: encoder) }
      return
    }
    guard let definition = any.value as? any StoredModelDefinition else {
      throw EncodingError.invalidValue(
        any.value.modelName,
        .init(
          codingPath: encoder.codingPath, debugDescription: "a definition of this process alone"))
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: definition).kind, forKey: .kind)
    try container.encode(definition, forKey: .definition)
  }
}

/// A kind of definition that this version does not know.
package struct UnknownModelKind: Error, CustomStringConvertible {
  let kind: String

  /// One line for the user.
  package var description: String {
    "describes a model of the kind \"\(kind.prefix(40))\", which a newer version wrote; update"
  }
}
