internal import Artifacts
package import Communication
internal import Checkpoints
internal import Datasets
internal import NeuralNetworks
internal import Objectives
internal import Settings

/// What is known of a file and its data once it has been opened on one split.
package struct KnownInputs {
  /// What the file was taken for.
  fileprivate var identification: Identification?
  /// All data that are there.
  fileprivate var data: FoundData?

  /// Nothing is known yet.
  package init() {}
}

extension OpenedModel {
  /// Opens a checkpoint with the data that it names or that the configuration names.
  ///
  /// A file that says what it computes (a training of this package, a graph, TorchScript, a folder of
  /// transformers) is read as it says. Of other files, the networks that their tensors fit are measured on
  /// the data.
  ///
  /// - Parameters:
  ///   - path: The checkpoint: PyTorch, safetensors, `.pt2`, ONNX, TorchScript, or a folder of
  ///     transformers.
  ///   - configuration: What the file does not say, or is to be otherwise.
  ///   - report: Receives remarks (how the file was read, incomplete data), warnings and progress.
  /// - Throws: `CheckpointError`, `DatasetError`, `AnalysisError` and others, each one line that says
  ///   what is wrong, where, and what to do.
  public init(
    _ path: String, _ configuration: ModelConfiguration = ModelConfiguration(),
    report: @escaping (RunEvent) -> Void = { _ in }
  ) throws {
    var known = KnownInputs()
    try self.init(path, configuration, known: &known, report: report)
  }

  /// The same for a file that may have been opened on another split, and on several ranks, of which one
  /// measures.
  ///
  /// - Parameters:
  ///   - path: The checkpoint.
  ///   - configuration: What the file does not say, or is to be otherwise.
  ///   - known: What was found with the same configuration on another split; afterwards also what is
  ///     found now.
  ///   - ranks: Those that open it, all at the same time.
  ///   - report: Receives remarks, warnings and progress.
  /// - Throws: As the above.
  package init(
    _ path: String, _ configuration: ModelConfiguration, known: inout KnownInputs,
    ranks: any Communicator = Alone(), report: @escaping (RunEvent) -> Void
  ) throws {
    try configuration.validate()
    let checkpoint = try OpenedCheckpoint(path: path, graph: configuration.graph)
    let (contents, metadata) = (checkpoint.contents, checkpoint.metadata)
    guard let dataPath = configuration.data ?? metadata?.dataPath else {
      throw AnalysisError(
        "does not name its data set; give \(.data) (digits, a folder or .npz)", subject: path)
    }
    let labels = try Self.labels(configuration, metadata, path: path)
    let remark: (String) -> Void = { report(.remark($0)) }
    let isNamed = configuration.data == nil || configuration.data == metadata?.dataPath
    let view =
      try configuration.view
      ?? (isNamed ? metadata?.view.map { try ImageView(parsing: $0) } : nil) ?? .automatic
    let context = configuration.context ?? (isNamed ? metadata?.context : nil)
    let stated = try configuration.target ?? checkpoint.target
    let found =
      try known.data
      ?? FoundData(dataPath, labels: labels, view: view, inputs: checkpoint.inputNames)
    known.data = found
    var whole = try found.open(configuration.split).tokenRows(context: context, target: stated)
    var part = try configuration.samples.map { try whole.prefix(samples: $0) } ?? whole
    // Ranks that have other files would wait for one another in vain.
    let digest = try whole.digest
    try ranks.agree(
      on: configuration.valuesByName.merging(["model": contents.sha256, "data set": digest]) { $1 })
    for text in part.notes + checkpoint.remarks { remark(text) }
    let chosenLoss = try configuration.loss(trainedWith: nil, path: path)
    var identification = known.identification
    if identification == nil, case .images(let dataset) = whole {
      identification = try checkpoint.identify(
        DecidingImages(found: found, asked: dataset),
        configuration, loss: chosenLoss, ranks: ranks, report: report)
      for text in identification?.remarks ?? [] { remark(text) }
    }
    let trained =
      try identification?.trained
      ?? checkpoint.trained(
        for: part, architecture: configuration.architecture, loss: chosenLoss, remark: remark)
    let target = stated ?? trained.model.defaultTarget(for: whole)
    if stated == nil && target == .nextToken {
      whole = try whole.tokenRows(context: nil, target: target)
      part = try part.tokenRows(context: nil, target: target)
      remark("each token is the target of the one before it; \(.target) chooses another")
    }
    let choice: NormalizationChoice
    if let identification {
      choice = .fixed(identification.normalization)
    } else if let text = configuration.normalization {
      choice = try NormalizationChoice(parsing: text)
    } else if let metadata, configuration.data == nil || metadata.dataName == part.name {
      choice = .fixed(try ChannelNormalization(parsing: metadata.normalization))
    } else if let text = contents.normalization, case .images = part {
      choice = .fixed(try ChannelNormalization(parsing: text))
    } else {
      choice = .automatic
    }
    let data = try Self.normalized(choice, part, found)
    if configuration.normalization == nil && metadata == nil && identification == nil,
      case .images = data
    {
      remark("images are normalised with \(data.normalization); \(.normalization) chooses another")
    }
    let settings = [
      "view": view == .automatic ? nil : view.description,
      "target": target?.rawValue, "context": context.map(String.init),
      "weights": configuration.graph.weights.map {
        !checkpoint.isGraph ? $0 : "\($0), SHA-256 \(contents.sha256)"
      },
    ].compactMapValues(\.self)
    let loss = try BoundLoss(
      configuration.loss(trainedWith: metadata?.loss, path: path), model: trained.model,
      target: data.samples.target)
    let warnings =
      checkpoint.warnings + (identification?.warnings ?? [])
      + [
        Self.warning(
          metadata, whole, digest: digest, source: dataPath, isNamed: isNamed, path: path)
      ].compactMap(\.self)
    for text in warnings { report(.warning(text)) }
    known.identification = identification
    self.init(
      path: path, sha256: checkpoint.file.sha256, format: checkpoint.file.format,
      isWholeCheckpoint: !checkpoint.isGraph && configuration.graph.weights == nil,
      trained: trained,
      loss: loss, data: data, dataPath: dataPath,
      dataDigest: data.count == whole.count ? digest : try data.digest, labels: labels,
      settings: settings, warnings: warnings, reading: identification?.reading,
      epoch: checkpoint.epoch)
  }

  /// The samples, normalised.
  ///
  /// - Throws: `DatasetError` of another reason than `.noSuchSplit`: the split of the data is there,
  ///   it is the training split behind the statistics that may be missing.
  private static func normalized(
    _ choice: NormalizationChoice, _ part: OpenedData, _ found: FoundData
  ) throws(DatasetError) -> SampleData {
    do {
      return try part.normalized(choice) { () throws(DatasetError) in try found.images(.train) }
    } catch  where error.reason == .noSuchSplit {
      throw DatasetError(
        .setting, found.path,
        "has no training split, whose statistics the images are to be normalised with; say with "
          + "\(.normalization) how the network saw them (none, a preset, or mean=...;std=...)")
    }
  }

  /// What to say where data that the checkpoint names are not those that it was trained on.
  ///
  /// It keeps the digest of the training split; of other splits nothing is known.
  private static func warning(
    _ metadata: TrainedModelMetadata?, _ whole: OpenedData, digest: String, source: String,
    isNamed: Bool, path: String
  ) -> String? {
    guard let metadata, let expected = metadata.dataDigest, whole.split == .train,
      isNamed || metadata.dataName == whole.name, digest != expected
    else { return nil }
    return "\(path): was trained on other data than \(source) holds now (SHA-256 of the "
      + "training split: \(expected.prefix(12))... then, \(digest.prefix(12))... now); the numbers "
      + "are not those of its training data"
  }

  /// The labels that the options name, or those that the network was trained with.
  private static func labels(
    _ configuration: ModelConfiguration, _ metadata: TrainedModelMetadata?, path: String
  ) throws -> LabelChoice {
    if let labels = configuration.labels { return labels }
    guard let name = metadata?.labels else { return .fine }
    guard let labels = LabelChoice(rawValue: name) else {
      throw AnalysisError(
        "was trained with labels \"\(name)\", which this version does not "
          + "know; give \(.labels) fine or coarse", subject: path)
    }
    return labels
  }
}
