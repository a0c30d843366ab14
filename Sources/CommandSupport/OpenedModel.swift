package import Analyses
internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import NeuralNetworks
internal import Objectives

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
  /// Opens a checkpoint with the data that it names or that the options name.
  ///
  /// Remarks (how the architecture was recognised, incomplete data) go to stderr, and so do warnings,
  /// which `isQuiet` does not silence.
  ///
  /// - Parameters:
  ///   - path: The checkpoint.
  ///   - options: What the user says.
  ///   - isQuiet: Whether remarks are left out.
  /// - Throws: Errors of one line that name file and option.
  package init(path: String, options: ModelOptions, isQuiet: Bool = false) throws {
    var known = KnownInputs()
    try self.init(path: path, options: options, isQuiet: isQuiet, known: &known)
  }

  /// The same for a file that may have been opened on another split.
  ///
  /// - Parameters:
  ///   - path: The checkpoint.
  ///   - options: What the user says.
  ///   - isQuiet: Whether remarks are left out.
  ///   - known: What was found with the same options on another split; afterwards also what is found now.
  /// - Throws: Errors of one line that name file and option.
  package init(
    path: String, options: ModelOptions, isQuiet: Bool, known: inout KnownInputs
  ) throws {
    let checkpoint = try OpenedCheckpoint(path: path, graph: options.graph.choice)
    let (contents, metadata) = (checkpoint.contents, checkpoint.metadata)
    guard let dataPath = options.data ?? metadata?.dataPath else {
      throw UsageError(
        description: "\(path) does not name its data set; give --data (digits, a folder or .npz)")
    }
    let labels = try Self.labels(options, metadata, path: path)
    let remark: (String) -> Void = { if !isQuiet { note($0) } }
    let isNamed = options.data == nil || options.data == metadata?.dataPath
    let view =
      try options.images.view
      ?? (isNamed ? metadata?.view.map { try ImageView(parsing: $0) } : nil) ?? .automatic
    let context = options.context ?? (isNamed ? metadata?.context : nil)
    let stated = try options.target ?? checkpoint.target
    let found =
      try known.data
      ?? FoundData(dataPath, labels: labels, view: view, inputs: checkpoint.inputNames)
    known.data = found
    var whole = try found.open(options.split.onlyPart).tokenRows(context: context, target: stated)
    var part = try options.samples.map { try whole.prefix(samples: $0) } ?? whole
    for text in part.notes + checkpoint.remarks { remark(text) }
    let chosenLoss = try options.loss(trainedWith: nil, path: path)
    var identification = known.identification
    if identification == nil, case .images(let dataset) = whole {
      identification = try checkpoint.identify(
        DecidingImages(found: found, asked: dataset),
        options: options, loss: chosenLoss, isQuiet: isQuiet, remark: remark)
      for text in identification?.remarks ?? [] { remark(text) }
    }
    let trained =
      try identification?.trained
      ?? checkpoint.trained(
        for: part, architecture: options.architecture, loss: chosenLoss, remark: remark)
    let target = stated ?? trained.model.defaultTarget(for: whole)
    if stated == nil && target == .nextToken {
      whole = try whole.tokenRows(context: nil, target: target)
      part = try part.tokenRows(context: nil, target: target)
      remark("each token is the target of the one before it; --target chooses another")
    }
    let choice: NormalizationChoice
    if let identification {
      choice = .fixed(identification.normalization)
    } else if let text = options.normalize {
      choice = try NormalizationChoice(parsing: text)
    } else if let metadata, options.data == nil || metadata.dataName == part.name {
      choice = .fixed(try ChannelNormalization(parsing: metadata.normalization))
    } else if let text = contents.normalization, case .images = part {
      choice = .fixed(try ChannelNormalization(parsing: text))
    } else {
      choice = .automatic
    }
    let data = try Self.normalized(choice, part, found)
    if options.normalize == nil && metadata == nil && identification == nil, case .images = data {
      remark("images are normalised with \(data.normalization); --normalize chooses another")
    }
    let settings = [
      "view": view == .automatic ? nil : view.description,
      "target": target?.rawValue, "context": context.map(String.init),
      "weights": options.graph.weights.map {
        !checkpoint.isGraph ? $0 : "\($0), SHA-256 \(contents.sha256)"
      },
    ].compactMapValues(\.self)
    let loss = try BoundLoss(
      options.loss(trainedWith: metadata?.loss, path: path), model: trained.model,
      target: data.samples.target)
    let digest = try whole.digest
    let warnings =
      checkpoint.warnings + (identification?.warnings ?? [])
      + [
        Self.warning(
          metadata, whole, digest: digest, source: dataPath, isNamed: isNamed, path: path)
      ].compactMap(\.self)
    for text in warnings { warn(text) }
    known.identification = identification
    self.init(
      path: path, sha256: checkpoint.file.sha256, format: checkpoint.file.format,
      isWholeCheckpoint: !checkpoint.isGraph && options.graph.weights == nil, trained: trained,
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
          + "--normalize how the network saw them (none, a preset, or mean=...;std=...)")
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
    _ options: ModelOptions, _ metadata: TrainedModelMetadata?, path: String
  ) throws -> LabelChoice {
    if let labels = options.labels { return labels }
    guard let name = metadata?.labels else { return .fine }
    guard let labels = LabelChoice(rawValue: name) else {
      throw UsageError(
        description: "\(path): was trained with labels \"\(name)\", which this version does not "
          + "know; give --labels fine or coarse")
    }
    return labels
  }
}
