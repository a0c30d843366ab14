internal import ArgumentParser
package import Datasets

/// One part of a data set, or several.
package struct SplitChoice: Equatable, Sendable, ExpressibleByArgument {
  /// The parts, each once.
  package let parts: [DatasetSplit]

  /// Chooses parts.
  ///
  /// - Precondition: There is at least one.
  package init(_ parts: DatasetSplit...) {
    precondition(!parts.isEmpty, "a choice of no part")
    self.parts = parts
  }

  /// The training part.
  package static let train = SplitChoice(.train)
  /// The validation part.
  package static let validation = SplitChoice(.validation)
  /// The test part.
  package static let test = SplitChoice(.test)

  /// Reads names separated by commas, like `train,test`.
  package init?(argument: String) {
    var parts: [DatasetSplit] = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let part = DatasetSplit(argument: String(name)), !parts.contains(part) else {
        return nil
      }
      parts.append(part)
    }
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  /// Text for `--help`.
  package var defaultValueDescription: String {
    parts.map(\.rawValue).joined(separator: ",")
  }

  /// The part, where there is to be one.
  ///
  /// - Throws: `UsageError` for several.
  package var onlyPart: DatasetSplit {
    get throws(UsageError) {
      guard parts.count == 1 else {
        throw UsageError(
          description:
            "--split \(defaultValueDescription): several parts are for landscape plot, grid and "
            + "sharpness; give one")
      }
      return parts[0]
    }
  }
}
