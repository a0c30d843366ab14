package import Analyses

/// The networks that a command is given, each with a folder of its own inside that of the run.
package struct OpenedModels {
  /// The networks in the order in which they were given.
  package let models: [OpenedModel]
  /// Path of the folder of the run.
  private let base: String
  /// Names of the folders inside it.
  private let names: [String]

  /// Opens networks.
  ///
  /// - Parameters:
  ///   - paths: The checkpoints.
  ///   - options: What the user says of them.
  ///   - output: Where results go.
  ///   - name: What a folder is named after, where the user does not say it: with one network, its name
  ///     stands behind.
  /// - Throws: Errors of one line that name file and option.
  package init(
    _ paths: [String], options: ModelOptions, output: OutputOptions, folderNamed name: String
  ) throws {
    models = try paths.map {
      try OpenedModel(path: $0, options: options, isQuiet: output.quiet)
    }
    base = output.output ?? (models.count == 1 ? "\(name)-\(models[0].stem)" : name)
    var taken: Set<String> = []
    names = models.map { model in
      var (name, number) = (model.stem, 2)
      while !taken.insert(name).inserted {
        name = "\(model.stem)-\(number)"
        number += 1
      }
      return name
    }
  }

  /// The folder of the run.
  package func folder() throws -> RunFolder { try RunFolder(base) }

  /// Calls `body` with every network and its folder, which is that of the run where there is one
  /// network.
  package func map<Result>(
    _ body: (OpenedModel, RunFolder) throws -> Result
  ) throws -> [Result] {
    try zip(models, names).map { model, name in
      let folder = try folder()
      return try body(model, models.count == 1 ? folder : RunFolder(folder.file(name)))
    }
  }
}
