package import Artifacts
internal import Foundation

extension Provenance {
  /// The first network and its digest, as the source of a figure; nil without a network.
  package var figureSource: String? {
    models.first.map { "\(URL(filePath: $0.path).lastPathComponent) sha256:\($0.sha256)" }
  }
}
