internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import LinearAlgebra
internal import ModelSearch
internal import NeuralNetworks
internal import Objectives

/// What a checkpoint of another program is: measured, as far as neither file nor options say it.
package struct Identification {
  /// Model and weights.
  let trained: TrainedModel
  /// The normalisation of the images.
  let normalization: ChannelNormalization
  /// What is recorded of it; nil where nothing had to be measured.
  let reading: MeasuredReading?
  /// Remarks for the user.
  let remarks: [String]
  /// What makes numbers doubtful.
  let warnings: [String]
}

extension OpenedCheckpoint {
  /// Finds model and normalisation for images.
  ///
  /// - Parameters:
  ///   - dataset: The images.
  ///   - options: What the user says.
  ///   - loss: The loss; nil for that which suits classes.
  ///   - ownStatistics: Statistics of the training split, where there is one.
  ///   - isQuiet: Whether no progress is shown.
  /// - Returns: What was found; nil where options and file leave nothing open.
  /// - Throws: Errors of one line that name file and option.
  func identify(
    _ dataset: Dataset, options: ModelOptions, loss: Loss?, ownStatistics: ChannelNormalization?,
    isQuiet: Bool
  ) throws -> Identification? {
    guard metadata == nil, graphModel == nil, !contents.isTransformersFolder else { return nil }
    guard options.architecture == nil || options.normalize == nil else { return nil }
    let data = OpenedData.images(dataset)
    let input = try data.architectureInputs()[0]
    var normalization: ChannelNormalization?
    if let text = options.normalize {
      let choice = try NormalizationChoice(parsing: text)
      normalization = try choice.resolved(for: dataset) { () throws(DatasetError) in
        try DatasetCatalog.open(options.data ?? dataset.source, split: .train)
      }
    }
    let known = try knownNetworks(data, architecture: options.architecture, loss: loss)
    let started = Date()
    let progress = Progress("\(contents.path): trying networks", isQuiet: isQuiet)
    let search = ModelSearch(
      .init(
        contents: contents, dataset: dataset, normalization: normalization,
        ownStatistics: ownStatistics, known: known, isKnown: options.architecture != nil,
        loss: loss),
      pool: WorkerPool(threadCount: ProcessInfo.processInfo.activeProcessorCount)
    ) { count in
      progress.count(count)
    }
    let found = search.outcome()
    progress.end()
    guard let found else {
      let closest = contents.matches(inputs: [input]).closest
      throw CheckpointError(
        contents.path,
        "no network of \(contents.layerSketch) fits images of \(input); say its layers with "
          + "--architecture \"conv(8,3) relu flatten linear(10)\", or export it "
          + "(torch.export.save)" + (closest.isEmpty ? "" : "; closest: \(closest)"))
    }
    return try identification(
      found, options: options, seconds: Date().timeIntervalSince(started))
  }

  /// What names, shapes and options say.
  private func knownNetworks(
    _ data: OpenedData, architecture: String?, loss: Loss?
  ) throws -> [KnownNetwork] {
    let inputs = try data.architectureInputs()
    if let architecture {
      return [try knownNetwork(architecture, inputs[0], outputCount: data.outputCount(for: loss))]
    }
    return contents.matches(inputs: inputs).matches.map {
      KnownNetwork(recipe: .architecture($0.architecture), tensorNames: $0.tensorNames)
    }
  }

  private func knownNetwork(
    _ architecture: String, _ input: Architecture.Input, outputCount: Int
  ) throws -> KnownNetwork {
    if LayerNetwork.isList(architecture) {
      return try LayerAssignment.network(architecture, input: input, contents: contents)
    }
    let match = contents.matches(inputs: [input]).matches.first {
      $0.architecture.name == architecture
    }
    if let match {
      return KnownNetwork(
        recipe: .architecture(match.architecture), tensorNames: match.tensorNames)
    }
    let (model, _) = try TrainedModel.recognized(
      contents, name: architecture, inputs: [input], outputCount: outputCount)
    return KnownNetwork(recipe: model.model.recipe, tensorNames: [:])
  }

  private func identification(
    _ found: SearchOutcome, options: ModelOptions, seconds: Double
  ) throws -> Identification {
    let (chosen, samples) = (found.reading.chosen, found.reading.samples)
    let measured =
      "loss \(number(chosen.loss)), \(chosen.correct) of \(samples) right, the best of "
      + "\(found.reading.tried) networks and normalisations tried in \(Progress.duration(seconds))"
    var remarks: [String] = []
    var warnings: [String] = []
    if found.isAboveChance {
      remarks.append(
        "\(contents.path): \(contents.format.rawValue), read as \(chosen.architecture), "
          + "\(found.trained.model.layout.count) parameters, normalisation "
          + "\(chosen.normalization): \(measured)")
      for tie in found.reading.ties.prefix(4) {
        remarks.append(
          "as good: \(difference(tie, chosen)): loss \(number(tie.loss)), \(tie.correct) right")
      }
    } else {
      guard found.hasKnownNames || options.normalize != nil else {
        throw CheckpointError(
          contents.path,
          "of \(found.reading.tried) networks that fit its tensors (\(contents.layerSketch)) with "
            + "usual normalisations none does better on \(samples) images than guessing; say what it "
            + "is with --architecture and --normalize, or check --data and --labels")
      }
      warnings.append(
        "\(contents.path): read as \(chosen.architecture) with normalisation "
          + "\(chosen.normalization), the usual choice, but no reading of the file does better on "
          + "these data than guessing: activation, pooling, padding and order of layers cannot be "
          + "seen from shapes; --architecture and --normalize say them")
    }
    return Identification(
      trained: found.trained, normalization: found.normalization, reading: found.reading,
      remarks: remarks, warnings: warnings)
  }

  private func difference(_ a: MeasuredReading.Entry, _ b: MeasuredReading.Entry) -> String {
    var parts: [String] = []
    if a.architecture != b.architecture { parts.append(a.architecture) }
    if a.normalization != b.normalization { parts.append("normalisation \(a.normalization)") }
    return parts.joined(separator: ", ")
  }

  private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension CheckpointContents {
  /// The layers of the file as its tensors show them, shortened: `conv1 [16, 3, 3, 3], fc [10, 64]`.
  fileprivate var layerSketch: String {
    let weights = tensors.filter { $0.shape.count >= 2 }
    let shown = weights.prefix(8).map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    return weights.count > 8 ? shown + ", and \(weights.count - 8) more" : shown
  }
}
