internal import Foundation
package import NeuralNetworks
internal import ComputationGraph
internal import Settings

/// What a checkpoint written by this toolkit says about itself beside its tensors.
///
/// The texts stand in the metadata of a safetensors file, so that an analysis needs no option: they
/// name the architecture, the data the network was trained on and how its images were normalised.
package struct TrainedModelMetadata: Sendable, Equatable {
  /// Prefix of the names of tensors that belong to the training rather than to the network, like
  /// `training.momentum` and `training.mask`.
  package static let trainingPrefix = "training."

  /// How the model is made.
  package var recipe: ModelRecipe
  /// What its outputs are compared with targets by, as JSON; nil in old files, cross-entropy.
  package var loss: String?
  /// Data set: `digits`, or the absolute path of a folder or file.
  package var dataPath: String
  /// Short name of the data set, like `cifar10`.
  package var dataName: String
  /// SHA-256 of the training split, see `Dataset.digest`.
  package var dataDigest: String?
  /// Which labels of the data were used where they have two kinds: `fine` or `coarse`.
  package var labels: String?
  /// How files of images were read, as `ImageView` writes it; nil for the usual way.
  package var view: String?
  /// Normalisation of the channels with its values resolved, as `ChannelNormalization` writes it.
  package var normalization: String
  /// Where the targets come from, as `TargetChoice` writes it; nil for the array of the data.
  package var target: String?
  /// Tokens of a sample where longer rows of the data are cut; nil where they are not.
  package var context: Int?
  /// Samples of the training split that were held out for validation, as JSON; nil for none.
  package var holdOut: String?
  /// Settings of the training, as JSON.
  package var training: String?
  /// Number of epochs that the weights have seen.
  package var epoch: Int?
  /// Losses and accuracies measured in training, by name, like `validation.accuracy`.
  package var results: [String: Double]

  /// Joins the parts.
  package init(
    recipe: ModelRecipe, loss: String? = nil, dataPath: String, dataName: String,
    dataDigest: String? = nil,
    labels: String? = nil, view: String? = nil, normalization: String, target: String? = nil,
    context: Int? = nil,
    holdOut: String? = nil, training: String? = nil, epoch: Int? = nil,
    results: [String: Double] = [:]
  ) {
    self.recipe = recipe
    self.loss = loss
    self.dataPath = dataPath
    self.dataName = dataName
    self.dataDigest = dataDigest
    self.labels = labels
    self.view = view
    self.normalization = normalization
    self.target = target
    self.context = context
    self.holdOut = holdOut
    self.training = training
    self.epoch = epoch
    self.results = results
  }

  // MARK: - Text form

  private enum Key: String {
    case format, architecture, loss, data, labels, view, normalization, target, context, training,
      epoch
    case dataName = "data.name"
    case dataDigest = "data.sha256"
    case holdOut = "data.holdout"
  }

  private static let format = "basin-model-1"
  private static let formatPrefix = "basin-model-"

  /// Whether texts are those of a checkpoint of this toolkit, of any version.
  static func isPresent(in texts: [String: String]) -> Bool {
    texts[Key.format.rawValue]?.hasPrefix(formatPrefix) == true
  }

  private static let resultPrefix = "result."

  /// The texts to store; equal metadata give equal texts.
  package var dictionary: [String: String] {
    var texts: [Key: String] = [
      .format: Self.format, .data: dataPath, .dataName: dataName, .normalization: normalization,
    ]
    texts[.architecture] = Self.text(of: recipe)
    texts[.loss] = loss
    texts[.dataDigest] = dataDigest
    texts[.labels] = labels
    texts[.view] = view
    texts[.target] = target
    texts[.context] = context.map(String.init)
    texts[.holdOut] = holdOut
    texts[.training] = training
    texts[.epoch] = epoch.map(String.init)
    var result: [String: String] = [:]
    for (key, text) in texts { result[key.rawValue] = text }
    for (name, value) in results { result[Self.resultPrefix + name] = "\(value)" }
    return result
  }

  private static func text(of recipe: ModelRecipe) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Masks of programs hold minus infinity.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // What no file can hold is refused before a training begins.
    return (try? encoder.encode(recipe)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Reads the texts of a checkpoint.
  ///
  /// - Returns: nil when the checkpoint was written by another program.
  /// - Throws: `CheckpointError` when the texts are incomplete or not understood.
  package init?(_ contents: CheckpointContents) throws(CheckpointError) {
    let texts = contents.metadata
    guard let format = texts[Key.format.rawValue], format.hasPrefix(Self.formatPrefix) else {
      return nil
    }
    guard format == Self.format else {
      throw CheckpointError(
        contents.path, "is of the form \(format.prefix(40)), which a newer version wrote; update")
    }
    func required(_ key: Key) throws(CheckpointError) -> String {
      guard let text = texts[key.rawValue] else {
        throw CheckpointError(
          contents.path, "its metadata lack \"\(key.rawValue)\"; write the checkpoint again")
      }
      return text
    }
    let description = try required(.architecture)
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      recipe = try decoder.decode(ModelRecipe.self, from: Data(description.utf8))
    } catch let error as ArchitectureError {
      throw CheckpointError(contents.path, error.description)
    } catch let error as UnknownModelKind {
      throw CheckpointError(contents.path, error.description)
    } catch {
      throw CheckpointError(
        contents.path, "its metadata do not describe an architecture; give \(.architecture)")
    }
    dataPath = try required(.data)
    dataName = try required(.dataName)
    normalization = try required(.normalization)
    dataDigest = texts[Key.dataDigest.rawValue]
    labels = texts[Key.labels.rawValue]
    view = texts[Key.view.rawValue]
    loss = texts[Key.loss.rawValue]
    target = texts[Key.target.rawValue]
    context = texts[Key.context.rawValue].flatMap { Int($0) }
    holdOut = texts[Key.holdOut.rawValue]
    training = texts[Key.training.rawValue]
    epoch = texts[Key.epoch.rawValue].flatMap { Int($0) }
    results = [:]
    for (key, text) in texts where key.hasPrefix(Self.resultPrefix) {
      results[String(key.dropFirst(Self.resultPrefix.count))] = Double(text)
    }
  }
}

extension TrainedModel {
  /// Writes weights, running statistics and metadata as safetensors, atomically.
  ///
  /// - Parameters:
  ///   - path: The file; an older one is replaced once the new one is complete.
  ///   - metadata: What the file says about itself.
  ///   - trainingTensors: Tensors of the training, their names beginning with
  ///     `TrainedModelMetadata.trainingPrefix`; readers of the model pass over them.
  ///   - trainingTexts: More texts for the metadata, their keys beginning likewise.
  /// - Throws: `CheckpointError` when the file cannot be written.
  package func write(
    to path: String, metadata: TrainedModelMetadata, trainingTensors: [StoredTensor] = [],
    trainingTexts: [String: String] = [:]
  ) throws(CheckpointError) {
    precondition(
      (trainingTensors.map(\.name) + trainingTexts.keys).allSatisfy {
        $0.hasPrefix(TrainedModelMetadata.trainingPrefix)
      }, "tensors and texts of the training must say so in their names")
    try CheckpointFile.write(
      storedTensors + trainingTensors,
      metadata: metadata.dictionary.merging(trainingTexts) { own, _ in own }, to: path)
  }

  /// Reads a checkpoint that says what it is.
  ///
  /// - Throws: `CheckpointError` when the file is damaged, does not fit its own description, or was
  ///   written by another program.
  package static func readDescribed(
    _ contents: CheckpointContents
  ) throws(CheckpointError) -> (model: TrainedModel, metadata: TrainedModelMetadata) {
    guard let metadata = try TrainedModelMetadata(contents) else {
      throw CheckpointError(
        contents.path,
        "does not say what it is; give \(.architecture), \(.data) and \(.normalization)")
    }
    let model: Model
    do {
      model = try metadata.recipe.model()
    } catch {
      throw CheckpointError(contents.path, "\(error.operation): \(error.reason)")
    }
    return (try TrainedModel(contents, model: model), metadata)
  }
}
