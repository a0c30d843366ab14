package import Checkpoints
package import Datasets
internal import Foundation
internal import GraphFiles
internal import ModelSearch
package import NeuralNetworks
package import Objectives
internal import Settings

/// A checkpoint with what it says about itself, before there are data.
package struct OpenedCheckpoint {
  /// Tensors and texts of the file, or folder.
  package let contents: CheckpointContents
  /// Path, digest and format of the file that was named: of the graph, where `contents` are the weights
  /// of another file.
  package let file: (path: String, sha256: String, format: String)
  /// What it says of model, data and training; nil if another program wrote it.
  package let metadata: TrainedModelMetadata?
  /// Model and weights of a file that says with a graph what it computes; nil for other files.
  package let graphModel: TrainedModel?
  /// The network of a file that says with code what it computes, and what is left open of it; nil for
  /// other files.
  private let code: (file: CodeFile, choice: GraphChoice)?
  /// What a reader must know of the file, in plain words.
  package let warnings: [String]
  /// Whether the file says what the network computes, rather than its weights alone.
  package var isGraph: Bool { graphModel != nil || code != nil }
  /// What was chosen of the file, passed over or folded, in plain words.
  package var remarks: [String] { contents.remarks.map { "\(contents.path): \($0)" } }

  /// Epochs that the weights have seen; nil where the file does not say it.
  ///
  /// Counters of other programs may stand for anything; that of epochs is usually called so.
  package var epoch: Int? {
    metadata?.epoch ?? contents.scalars["epoch"].flatMap { Int(exactly: $0) }
  }

  /// Names of the model's inputs, by which data with named arrays are read; nil where the model is only
  /// known with the data.
  package var inputNames: [String]? {
    graphModel?.model.inputs.map(\.name) ?? code?.file.inputNames ?? storedInputNames
  }

  /// Reads a file, a graph with its weights, or a folder of transformers.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - choice: What a graph leaves open; `weights` names one of several networks of other files.
  /// - Throws: `CheckpointError`; `AnalysisError` for choices that belong to graphs.
  package init(path: String, graph choice: GraphChoice = GraphChoice()) throws {
    if CodeFile.isCodeFile(path) {
      guard choice.constants == nil else {
        throw AnalysisError(
          "says itself what its buffers are; leave out \(.constants)", subject: path)
      }
      let opened = try CodeFile.read(path)
      let own = opened.contents
      contents =
        try choice.weights.map {
          try CheckpointFile.read($0, advice: "save the one to use in a file of its own")
            .named(as: Set(own.tensors.map(\.name)))
        } ?? own
      code = (opened, choice)
      (graphModel, metadata, warnings) = (nil, nil, [])
      file = (path, opened.sha256, opened.format.rawValue)
      return
    }
    guard GraphFile.isGraphFile(path) else {
      if let setting = choice.firstOfGraphs {
        throw AnalysisError(
          "is no graph (.pt2, .onnx), which \(setting) is for; leave it out", subject: path)
      }
      contents = try CheckpointFile.read(path, part: choice.weights)
      metadata = try TrainedModelMetadata(contents)
      (graphModel, code, warnings) = (nil, nil, [])
      file = (path, contents.sha256, contents.format.rawValue)
      return
    }
    let graph = try GraphFile.read(path, constants: Set(choice.constants ?? []))
    if choice.constants == nil, !graph.doubtfulNames.isEmpty {
      let names = graph.doubtfulNames.joined(separator: ",")
      throw AnalysisError(
        "\(graph.doubtfulNames.count) real tensor(s) could be buffers or parameters "
          + "(\(names)); say which are buffers with \(.constants) \(names), or \(.constants) none",
        subject: path)
    }
    let weights = try choice.weights.map {
      try CheckpointFile.read($0, advice: "save the one to use in a file of its own")
        .named(as: Set(graph.tensors.map(\.name)))
    }
    let name = URL(filePath: path).deletingPathExtension().lastPathComponent
    let trained = try graph.trainedModel(name: name, output: choice.output ?? 0, weights: weights)
    (graphModel, code) = (trained, nil)
    contents = weights ?? graph.contents
    file = (path, graph.sha256, graph.format.rawValue)
    metadata = nil
    warnings =
      graph.warnings(weights: choice.weights)
      + trained.model.recipe.definition.warnings.map { "\(path): \($0)" }
  }

  /// Names of the inputs of a model that a checkpoint of ours describes as a program.
  private var storedInputNames: [String]? {
    guard let definition = metadata?.recipe.definition, definition.readsNamedArrays else {
      return nil
    }
    return definition.inputs.map(\.name)
  }

  /// Where the targets came from in the training; nil where nothing says so.
  ///
  /// - Throws: `AnalysisError` for a source that this version does not know.
  package var target: TargetChoice? {
    get throws {
      guard let text = metadata?.target else { return nil }
      guard let choice = TargetChoice(rawValue: text) else {
        throw AnalysisError(
          "was trained with the target \"\(text.prefix(40))\", which "
            + "this version does not know; give \(.target)", subject: contents.path)
      }
      return choice
    }
  }

  /// Normalisation of images that it was trained with, as text; nil for other data and where nothing
  /// says so.
  package func normalization(for data: OpenedData) -> String? {
    guard case .images = data else { return nil }
    guard let metadata else { return contents.normalization }
    return metadata.dataName == data.name ? metadata.normalization : nil
  }

  /// The model with its weights: as described, as `config.json` says, or recognised.
  ///
  /// - Parameters:
  ///   - data: Data that it is to read.
  ///   - architecture: Name that goes before what the checkpoint says, or nil.
  ///   - loss: The loss, or nil; decides how many outputs suit the data.
  ///   - remark: Receives what was recognised, in words.
  /// - Returns: The model for the data.
  /// - Throws: Errors of one line that name file and option.
  package func trained(
    for data: OpenedData, architecture: String?, loss: Loss?, remark: (String) -> Void
  ) throws -> TrainedModel {
    if let graphModel {
      guard architecture == nil else {
        throw AnalysisError(
          "is a graph that says what the network is; leave out "
            + "\(.architecture)", subject: contents.path)
      }
      remark(
        "\(contents.path): \(contents.format.rawValue), \(graphModel.model.layout.count) parameters"
      )
      if loss == nil, let text = graphModel.model.usualLossRemark { remark(text) }
      return graphModel
    }
    if let code { return try trained(code.file, code.choice, data, architecture, loss, remark) }
    if metadata != nil && architecture == nil {
      return try TrainedModel.readDescribed(contents).model.reading(data)
    }
    if architecture == nil, let trained = moduleOfSources(data, loss, remark) { return trained }
    let found: TrainedModel
    var (title, others) = ("", "")
    if contents.isTransformersFolder {
      guard architecture == nil else {
        throw AnalysisError(
          "config.json says what the network is; leave out "
            + "\(.architecture)", subject: contents.path)
      }
      found = try TrainedModel.transformers(contents, data: data.transformersInputs)
      title = found.model.name
    } else {
      let alternatives: [String]
      (found, alternatives) = try recognized(data, architecture: architecture, loss: loss)
      title = "architecture \(found.model.name)"
      if !alternatives.isEmpty && architecture == nil {
        others =
          " (the weights also fit \(alternatives.joined(separator: ", ")); "
          + "\(.architecture) chooses)"
      }
    }
    remark(
      "\(contents.path): \(contents.format.rawValue), \(title), "
        + "\(found.model.layout.count) parameters" + others)
    return found
  }
}

extension OpenedCheckpoint {
  /// The network that code describes, for the data.
  private func trained(
    _ code: CodeFile, _ choice: GraphChoice, _ data: OpenedData, _ architecture: String?,
    _ loss: Loss?, _ remark: (String) -> Void
  ) throws -> TrainedModel {
    guard architecture == nil else {
      throw AnalysisError(
        "holds code that says what the network is; leave out \(.architecture)", subject: file.path)
    }
    let (graph, how) = try code.graph(inputs: try data.inputs(of: code))
    let name = URL(filePath: file.path).deletingPathExtension().lastPathComponent
    let found = try graph.trainedModel(
      name: name, output: choice.output ?? 0, weights: choice.weights == nil ? nil : contents)
    remark("\(file.path): \(file.format), \(found.model.layout.count) parameters")
    for text in [how].compactMap(\.self) + found.model.recipe.definition.warnings {
      remark("\(file.path): \(text)")
    }
    if loss == nil, let text = found.model.usualLossRemark { remark(text) }
    return found
  }

  /// The network of a whole module by the code of its classes; nil where some of it is not known, which is
  /// said.
  func moduleOfSources(
    _ data: OpenedData, _ loss: Loss?, _ remark: (String) -> Void
  ) -> TrainedModel? {
    do {
      guard let code = try contents.networkCode() else { return nil }
      return try trained(code, GraphChoice(), data, nil, loss, remark)
    } catch {
      remark("\(error); its names and shapes are looked at instead")
      return nil
    }
  }

  /// The architecture that names and shapes tell; where they tell none, a folder around the file may.
  private func recognized(
    _ data: OpenedData, architecture: String?, loss: Loss?
  ) throws -> (model: TrainedModel, alternatives: [String]) {
    if let architecture, LayerNetwork.isList(architecture) {
      let input = try data.architectureInputs()[0]
      return (
        try LayerAssignment.network(architecture, input: input, contents: contents), []
      )
    }
    do {
      return try TrainedModel.recognized(
        contents, name: architecture, inputs: data.architectureInputs(),
        outputCount: data.outputCount(for: loss))
    } catch let error as CheckpointError {
      let folder = URL(filePath: contents.path).deletingLastPathComponent()
      guard architecture == nil,
        FileManager.default.fileExists(atPath: folder.appending(path: "config.json").path)
      else { throw error }
      throw CheckpointError(
        error.path, tensor: error.tensor,
        error.detail + "; or give its folder, in which config.json says what it is")
    }
  }
}

extension TrainedModel {
  /// The same network for the rows of tokens of other data.
  fileprivate func reading(_ data: OpenedData) throws -> TrainedModel {
    guard let definition = model.recipe.definition as? any TransformersDefinition else {
      return self
    }
    let other = try definition.reading(data.transformersInputs)
    return TrainedModel(
      model: try Model(.definition(AnyModelDefinition(other))), point: point)
  }
}

extension Model {
  /// Which loss is the usual one where the network ends in probabilities; nil for other networks.
  fileprivate var usualLossRemark: String? {
    let (end, loss): (String, Loss.Kind)
    switch recipe.definition.outputScale {
    case .numbers: return nil
    case .probabilities: (end, loss) = ("softmax", .probabilities)
    case .logProbabilities: (end, loss) = ("log-softmax", .logProbabilities)
    case .eventProbabilities: (end, loss) = ("sigmoid", .eventProbabilities)
    }
    return "\(name) ends in a \(end), so the loss is \(loss.rawValue) where targets allow it; "
      + "\(.loss) chooses another"
  }

  /// Where targets come from when nobody says: the next token where the model predicts it and data have
  /// no target.
  package func defaultTarget(for data: OpenedData) -> TargetChoice? {
    recipe.definition.predictsNextToken && !data.hasTarget ? .nextToken : nil
  }
}

extension OpenedData {
  /// The inputs as networks of transformers see them.
  package var transformersInputs: TransformersInputs {
    switch self {
    case .images(let data):
      let shape = data.shape
      return TransformersInputs(
        [
          TransformersInputs.Input(
            name: "images", shape: [shape.channels, shape.height, shape.width], isInteger: false)
        ], source: data.name)
    case .arrays(let data):
      return TransformersInputs(
        data.samples.inputs.map {
          TransformersInputs.Input(name: $0.name, shape: $0.shape, isInteger: $0.isInteger)
        }, source: data.source)
    }
  }
}
