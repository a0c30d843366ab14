internal import HessianSpectra
internal import Krylov
internal import Settings

extension MeasuredValue {
  /// An eigenvalue from above.
  ///
  /// A Ritz value that has converged is an eigenvalue within its bound. One that has not is still no larger than the
  /// eigenvalue of its place in descending order (Cauchy's interlacing theorem), up to the error of the products.
  ///
  /// - Parameters:
  ///   - value: The Ritz value.
  ///   - floor: Error of the products, below which no bound is to be believed.
  init(largest value: RitzValue, floor: Double) {
    self.init(
      value.value,
      value.isConverged ? .bound(max(value.residualBound, floor)) : .atLeast(slack: floor))
  }

  /// An eigenvalue from below, likewise.
  init(smallest value: RitzValue, floor: Double) {
    self.init(
      value.value,
      value.isConverged ? .bound(max(value.residualBound, floor)) : .atMost(slack: floor))
  }
}

extension SpectrumSummary: MeasuredResult {
  package static var numberGroup: String { "hessian" }

  package static var numberTable: [ResultNumber<SpectrumSummary>] {
    [
      ResultNumber(ordinal: "lambda") { result in
        result.spectrum.largest.map {
          MeasuredValue(largest: $0, floor: result.spectrum.errorFloor)
        }
      },
      ResultNumber(ordinal: "smallest") { result in
        result.spectrum.smallest.map {
          MeasuredValue(smallest: $0, floor: result.spectrum.errorFloor)
        }
      },
      ResultNumber("lambda1/lambda5") {
        $0.spectrum.ratio.map {
          MeasuredValue($0.value, $0.isConverged ? .bound($0.bound) : .unknown)
        }
      },
      ResultNumber("trace") {
        $0.spectrum.trace.map { MeasuredValue(estimate: $0.value, standardError: $0.standardError) }
      },
      ResultNumber("negative-mass") {
        $0.spectrum.density.map {
          MeasuredValue(
            estimate: $0.negativeMass.value, standardError: $0.negativeMass.standardError)
        }
      },
      ResultNumber("negative-share") {
        $0.spectrum.density.map {
          MeasuredValue(
            estimate: $0.negativeShare.value, standardError: $0.negativeShare.standardError)
        }
      },
      ResultNumber("loss") { MeasuredValue($0.source.loss, .exact) },
    ] + ResultNumber.metrics { ($0.source.metric, $0.source.score) }
  }
}

extension TraceSummary: MeasuredResult {
  package static var numberGroup: String { "hessian" }

  package static var numberTable: [ResultNumber<TraceSummary>] {
    [
      ResultNumber("trace") {
        MeasuredValue(estimate: $0.trace.value, standardError: $0.trace.standardError)
      },
      ResultNumber("mean-eigenvalue") { result in
        MeasuredValue(
          estimate: result.meanEigenvalue,
          standardError: result.trace.standardError.map { $0 / Double(result.source.dimension) })
      },
      ResultNumber("loss") { MeasuredValue($0.source.loss, .exact) },
    ] + ResultNumber.metrics { ($0.source.metric, $0.source.score) }
  }
}

extension SpectrumConfiguration {
  /// Checks, before any work, that a run has a number.
  ///
  /// - Throws: `AnalysisError` naming the setting that leaves it out.
  package func checkGives(_ name: NumberName) throws(AnalysisError) {
    func place(in family: String) -> Int {
      name.base.hasPrefix(family) ? Int(name.base.dropFirst(family.count)) ?? .max : 0
    }
    let needed = name.base == "lambda1/lambda5" ? 5 : place(in: "lambda")
    guard needed <= largest else {
      throw AnalysisError("there is no \(name) with \(.top) \(largest)")
    }
    guard place(in: "smallest") <= smallest else {
      throw AnalysisError("there is no \(name) with \(.bottom) \(smallest)")
    }
    guard name.base != "trace" || traceSamples > 0 else {
      throw AnalysisError("there is no \(name) with \(.traceSamples) 0")
    }
    guard !name.base.hasPrefix("negative-") || probes > 0 else {
      throw AnalysisError("there is no \(name) with \(.probes) 0")
    }
  }
}
