internal import Artifacts
package import Datasets
internal import Settings

extension SharpnessSummary: MeasuredResult {
  package static var numberGroup: String { "sharpness" }

  /// A row for each measure.
  ///
  /// The keys are the radius and, where the samples are divided, how many a part has.
  ///
  /// The best ascent is a lower bound of a maximum; a mean has the error of its random perturbations.
  package static var numberTable: [ResultNumber<SharpnessSummary>] {
    SharpnessMeasure.allCases.map { measure in
      ResultNumber(parts: measure.rawValue, keys: ["RHO", "SAMPLES"]) { result in
        let numbers = result.entries.filter { $0.measure == measure }.map { entry in
          let keys = [entry.rho] + (entry.parts.count > 1 ? [Double(entry.samples)] : [])
          guard let value = entry.value else { return (keys, MeasuredValue(.nan, .unknown)) }
          return (
            keys,
            measure.isMaximum
              ? MeasuredValue(value, .atLeast(slack: 0))
              : MeasuredValue(estimate: value, standardError: entry.drawError)
          )
        }
        return (result.part, numbers)
      }
    }
      + ResultNumber.scores { result in
        (result.metric, result.part.map { [($0, result.loss, result.score)] } ?? [])
      }
  }

  /// Part of the data that the samples are of; nil where that is not known.
  package var part: DatasetSplit? {
    provenance.data.flatMap { DatasetSplit(rawValue: $0.split) }
  }
}

extension SharpnessConfiguration {
  /// Checks, before any work, that a run has a number.
  ///
  /// - Throws: `AnalysisError` naming the setting that leaves it out.
  package func checkGives(_ name: NumberName) throws(AnalysisError) {
    guard let measure = SharpnessMeasure(rawValue: name.base) else { return }
    guard measures.contains(measure) else {
      throw AnalysisError("there is no \(name) without \(.measure) \(measure.rawValue)")
    }
    let own = radii.isEmpty ? measure.standardRadii(isAdaptive: isAdaptive) : radii
    guard let radius = name.keys.first, !own.contains(radius) else { return }
    throw AnalysisError("there is no \(name) without \(.rho) \(radius)")
  }
}
