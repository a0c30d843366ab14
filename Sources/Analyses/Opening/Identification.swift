package import Artifacts
internal import Communication
internal import Settings
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import LinearAlgebra
internal import ModelSearch
internal import NeuralNetworks
internal import Objectives

/// What a checkpoint of another program is: measured, as far as neither file nor configuration says it.
package struct Identification {
  /// Model and weights.
  let trained: TrainedModel
  /// The normalisation of the images.
  let normalization: ChannelNormalization
  /// What is recorded of it; nil where nothing had to be measured.
  package let reading: MeasuredReading?
  /// Remarks for the user.
  let remarks: [String]
  /// What makes numbers doubtful.
  let warnings: [String]
}

/// The images that decide what a checkpoint is, opened only where something has to be measured.
struct DecidingImages {
  /// The data.
  let found: FoundData
  /// The part that was asked for.
  let asked: Dataset

  /// The training split where there is one, else the part asked for.
  ///
  /// What is right has the lowest loss there. Of many files only those are opened that are looked at.
  var measured: (images: Dataset, classHistogram: [Int]) {
    let training = try? found.sample(.train, count: ModelSearch.sampleCount, like: asked)
    return training ?? (asked, asked.classHistogram)
  }

  /// Statistics of the training split, if the images that decide are that; nil where all would have to be decoded.
  func ownStatistics(_ measured: Dataset) -> ChannelNormalization? {
    guard !asked.pixels.isDecoded, measured.split == .train else { return nil }
    return try? NormalizationChoice.trainingSplit.resolved(for: asked) { measured }
  }

  /// The values of a choice.
  func values(of choice: NormalizationChoice) throws(DatasetError) -> ChannelNormalization {
    try found.normalization(choice, for: asked)
  }
}

extension OpenedCheckpoint {
  /// Finds model and normalisation for images.
  ///
  /// - Parameters:
  ///   - images: The images.
  ///   - configuration: What the user says.
  ///   - loss: The loss; nil for that which suits classes.
  ///   - ranks: Those that open the file, of which the first one measures.
  ///   - report: Receives remarks and progress.
  /// - Returns: What was found; nil where the file was written here and says everything.
  /// - Throws: Errors of one line that name file and option.
  func identify(
    _ images: DecidingImages, _ configuration: ModelConfiguration, loss: Loss?,
    ranks: any Communicator, report: @escaping (RunEvent) -> Void
  ) throws -> Identification? {
    guard metadata == nil else { return nil }
    let data = OpenedData.images(images.asked)
    let remark = { (text: String) in report(.remark(text)) }
    let stated = try statedModel(data, configuration, loss, remark)
    let normalization = try (configuration.normalization ?? contents.normalization).map { text in
      try images.values(of: NormalizationChoice(parsing: text))
    }
    if let stated, let normalization {
      return Identification(
        trained: stated, normalization: normalization, reading: nil, remarks: [], warnings: [])
    }
    if stated == nil, let peculiarity = contents.module?.peculiarity {
      throw CheckpointError(
        contents.path,
        "\(peculiarity), which no network found by shapes has; export it (torch.export.save)")
    }
    let input = try data.architectureInputs()[0]
    let recognition = stated == nil ? recognition(input) : nil
    let fixed = try stated.map { [FixedNetwork($0)] } ?? networks(recognition?.matches ?? [])
    let started = Date()
    let title = "\(file.path): trying networks"
    let (measured, classHistogram) = images.measured
    let question = ModelSearch.Question(
      contents: contents, dataset: measured, classHistogram: classHistogram,
      normalization: normalization,
      ownStatistics: normalization == nil ? images.ownStatistics(measured) : nil, fixed: fixed,
      isStated: stated != nil, loss: loss)
    let found = try search(question, ranks) { tried, share in
      report(.tried(title: title, count: tried, share: share))
    }
    report(.ended(title: title))
    guard let found else {
      // What a stated network does not take is said where it is used.
      if stated != nil { return nil }
      throw nothingFits(input, classCount: images.asked.classCount, recognition)
    }
    return try identification(
      found, isStated: stated != nil, configuration,
      seconds: Date().timeIntervalSince(started))
  }

  /// Measures on the first rank; the others find the same with its numbers.
  private func search(
    _ question: ModelSearch.Question, _ ranks: any Communicator,
    progress: @escaping (_ tried: Int, _ share: Double) -> Void
  ) throws -> SearchOutcome? {
    guard ranks.isFirst else {
      let record = try JSONDecoder().decode(SearchRecord.self, from: Data(ranks.ofFirst([])))
      return ModelSearch(
        question, pool: WorkerPool(threadCount: 1), known: record, progress: progress
      ).outcome()
    }
    let search = ModelSearch(
      question, pool: WorkerPool(threadCount: ProcessInfo.processInfo.activeProcessorCount),
      progress: progress)
    let found = search.outcome()
    if ranks.size > 1 {
      _ = try ranks.ofFirst(Array(JSON.encode(search.record, onOneLine: true).utf8))
    }
    return found
  }

  /// The network that file or configuration states; nil where only names and shapes say something.
  private func statedModel(
    _ data: OpenedData, _ configuration: ModelConfiguration, _ loss: Loss?,
    _ remark: (String) -> Void
  ) throws -> TrainedModel? {
    if isGraph || contents.isTransformersFolder || configuration.architecture != nil {
      return try trained(
        for: data, architecture: configuration.architecture, loss: loss, remark: remark)
    }
    return moduleOfSources(data, loss, remark)
  }

  /// The architectures that names and shapes fit.
  private func recognition(_ input: Architecture.Input) -> CheckpointRecognition {
    contents.recognition(inputs: [input], roles: TensorRoles.names(of: contents.tensors))
  }

  /// The likeliest of the architectures, with the weights of the file.
  private func networks(_ matches: [ArchitectureMatch]) throws -> [FixedNetwork] {
    // Vision transformers of one size differ in their heads alone, those of other names also in how they are joined.
    var networks: [FixedNetwork] = []
    var last: (trained: TrainedModel, names: [String: String])?
    for match in matches.prefix(24) {
      let model = try Model(match.architecture)
      let trained: TrainedModel
      if let last, last.names == match.tensorNames, last.trained.model.layout == model.layout {
        trained = last.trained.lookalike(model)
      } else {
        trained = try TrainedModel(
          contents, model: model, tensorNames: match.tensorNames, missingStatistics: .unused)
      }
      last = (trained, match.tensorNames)
      networks.append(FixedNetwork(trained, usual: networks.first))
    }
    return networks
  }

  private func nothingFits(
    _ input: Architecture.Input, classCount: Int, _ recognition: CheckpointRecognition?
  ) -> CheckpointError {
    let closest = recognition?.closest ?? ""
    let last = contents.tensors.last { $0.shape.count == 2 }
    // Where no layer at all has an output for each class, the end of the network is what does not fit.
    if let last, last.shape[0] < classCount,
      !contents.tensors.contains(where: { $0.shape.prefix(2).contains(classCount) })
    {
      return CheckpointError(
        contents.path,
        "\(last.name) \(last.shape) is its last layer and gives \(last.shape[0]) "
          + "\(last.shape[0] == 1 ? "number" : "numbers"), but the data have \(classCount) classes; give "
          + "the data that it was trained on")
    }
    if let first = contents.tensors.first(where: { $0.shape.count == 4 }),
      case .image(let channels, _, _) = input,
      [[1, 3], [3, 1]].contains([first.shape[1], channels])
    {
      return CheckpointError(
        contents.path,
        "\(first.name) \(first.shape) takes \(first.shape[1]) channel\(first.shape[1] == 1 ? "" : "s"), but "
          + "the images have \(channels); give \(.channels) \(first.shape[1])")
    }
    if case .image(let channels, let height, _) = input,
      let side = ModelSearch.fittingSide(
        of: contents, channels: channels, among: [32, 64, 224].filter { $0 != height })
    {
      return CheckpointError(
        contents.path,
        "no network of \(contents.layerSketch) fits images of \(input), but one fits \(side) x \(side): check "
          + "\(.data), or give \(.resize) \(side) if it was trained on resized ones")
    }
    return CheckpointError(
      contents.path,
      "no network of \(contents.layerSketch) fits images of \(input); say its layers with "
        + "\(.architecture) \"conv(8,3) relu flatten linear(10)\", or export it "
        + "(torch.export.save)" + (closest.isEmpty ? "" : "; closest: \(closest)"))
  }
}

extension CheckpointContents {
  /// The layers of the file as its tensors show them, shortened: `conv1 [16, 3, 3, 3], fc [10, 64]`.
  var layerSketch: String {
    let weights = tensors.filter { $0.shape.count >= 2 }
    let shown = weights.prefix(8).map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    return weights.count > 8 ? shown + ", and \(weights.count - 8) more" : shown
  }
}
