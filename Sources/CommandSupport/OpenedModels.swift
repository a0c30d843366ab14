package import Analyses
package import Communication
internal import Datasets

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
  ///   - ranks: Those that open them, all at the same time.
  ///   - takesParts: Whether `options` may name several parts of the data: each network is then there for
  ///     each of them.
  /// - Throws: Errors of one line that name file and option.
  package init(
    _ paths: [String], options: ModelOptions, output: OutputOptions, folderNamed name: String,
    ranks: any Communicator = Alone(), takesParts: Bool = false
  ) throws {
    let parts = takesParts ? options.split.parts : [try options.split.onlyPart]
    models = try paths.flatMap { path in
      var known = KnownInputs()
      return try parts.enumerated().map { index, part in
        let reporter = TerminalReporter(isQuiet: output.quiet || index > 0)
        return try OpenedModel(
          path, options.configuration(for: part), known: &known, ranks: ranks,
          report: reporter.show)
      }
    }
    base = output.output ?? (paths.count == 1 ? "\(name)-\(models[0].stem)" : name)
    var taken: Set<String> = []
    names = models.map { model in
      let stem = parts.count == 1 ? model.stem : "\(model.stem)-\(model.data.split.rawValue)"
      var (name, number) = (stem, 2)
      while !taken.insert(name).inserted {
        name = "\(stem)-\(number)"
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
