import Analyses
import Foundation
import GradientRatios
import HessianSpectra
import Krylov
import LossSurfaces
import TestSupport
import Testing

/// The tables of numbers of the results.
@Suite struct ResultNumberTests {
  private func value(_ name: String, _ numbers: [NamedNumber]) -> MeasuredValue? {
    numbers.first { $0.name.description == name }?.measured
  }

  /// Otherwise a condition could not name a number that a chart shows.
  private func expectNamesToReadBack<Result: MeasuredResult>(_ result: Result) {
    let numbers = result.numbers
    #expect(!numbers.isEmpty && Set(numbers.map(\.name)).count == numbers.count)
    for number in numbers {
      #expect(Result.numberName(number.name.description) == number.name)
    }
  }

  @Test func aSpectrumGivesItsEigenvaluesWithTheirBounds() throws {
    let model = try OpenedModel.tiny()
    var configuration = SpectrumConfiguration()
    configuration.steps = 40
    let summary = try model.spectrum(configuration, in: nil).summary
    let (result, numbers) = (summary.spectrum, summary.numbers)
    expectNamesToReadBack(summary)
    let first = try #require(result.largest.first)
    #expect(first.isConverged)
    #expect(
      value("lambda1", numbers)
        == MeasuredValue(first.value, .bound(max(first.residualBound, result.errorFloor))))
    let trace = try #require(result.trace)
    #expect(
      value("trace", numbers)
        == MeasuredValue(trace.value, .standardError(try #require(trace.standardError))))
    #expect(value("loss", numbers) == MeasuredValue(summary.source.loss, .exact))
    #expect(
      value("accuracy", numbers) == MeasuredValue(try #require(summary.source.score), .exact))
    // One probe has no standard error.
    #expect(value("negative-mass", numbers)?.kind == .unknown)
  }

  /// A run that is too short has Ritz values inside of the spectrum: their bounds say nothing of which eigenvalue is near.
  @Test func eigenvaluesThatHaveNotConvergedBoundFromOneSide() throws {
    let model = try OpenedModel.tiny()
    var configuration = SpectrumConfiguration()
    (configuration.steps, configuration.top, configuration.bottom) = (4, 2, 2)
    let short = try model.spectrum(configuration, in: nil).summary
    (configuration.steps, configuration.top, configuration.bottom) = (60, 2, 2)
    let long = try model.spectrum(configuration, in: nil).summary
    for name in ["lambda2", "smallest1"] {
      let bound = try #require(value(name, short.numbers))
      let eigenvalue = try #require(value(name, long.numbers))
      #expect(bound.range.low <= eigenvalue.value && eigenvalue.value <= bound.range.high)
      #expect(bound.range.low.isInfinite != bound.range.high.isInfinite)
    }
  }

  @Test func aTraceAndAnEvaluationGiveTheirNumbers() throws {
    let model = try OpenedModel.tiny()
    let trace = try model.trace(in: nil)
    expectNamesToReadBack(trace)
    let mean = try #require(value("mean-eigenvalue", trace.numbers))
    let error = try #require(trace.trace.standardError)
    #expect(mean == MeasuredValue(trace.meanEigenvalue, .standardError(error / 235)))
    let evaluation = try model.evaluation()
    expectNamesToReadBack(evaluation)
    #expect(value("train/loss", evaluation.numbers) == MeasuredValue(evaluation.loss, .exact))
    #expect(
      value("train/accuracy", evaluation.numbers)
        == MeasuredValue(try #require(evaluation.score), .exact))
  }

  @Test func sharpnessIsALowerBoundOrAnEstimate() throws {
    var configuration = SharpnessConfiguration()
    configuration.measures = [.maximumL2, .averageL2]
    configuration.radii = [0.05]
    configuration.batches = [12]
    (configuration.steps, configuration.restarts, configuration.draws) = (2, 1, 4)
    let summary = try withTemporaryFolder { folder in
      try OpenedModel.tiny().sharpness(configuration, in: RunFolder(folder.path))
    }
    expectNamesToReadBack(summary)
    for entry in summary.entries {
      let name =
        "train/\(entry.measure.rawValue)/0.05" + (entry.parts.count > 1 ? "/\(entry.samples)" : "")
      let expected: MeasuredValue.Kind =
        entry.measure.isMaximum
        ? .atLeast(slack: 0) : .standardError(try #require(entry.drawError))
      #expect(value(name, summary.numbers)?.kind == expected)
      #expect(value(name, summary.numbers)?.value == entry.value)
    }
  }

  @Test func ratiosGiveTheirNumbers() throws {
    let summary = try OpenedModel.digits().gradientRatios()
    expectNamesToReadBack(summary)
    #expect(
      value("share-below-zero", summary.numbers)
        == MeasuredValue(summary.histogram.shareBelowZero, .exact))
  }

  @Test func surfacesLinesAndProfilesGiveTheirNumbers() throws {
    let model = try OpenedModel.tiny()
    let axis = try #require(GridAxis(first: -1, last: 1, count: 3))
    let surface = try model.surface(x: axis, y: axis, in: nil).summary
    expectNamesToReadBack(PlaneResult.surface(surface))
    let numbers = PlaneResult.surface(surface).numbers
    #expect(value("train/loss", numbers) == MeasuredValue(surface.center.loss, .exact))
    #expect(value("train/largest-loss", numbers)?.value == surface.largest?.loss)
    let text =
      #"{"title":"","from":"train","to":"test","center":0.5,"mean":0.25,"nonFinitePoints":0}"#
    let gap = try JSONDecoder().decode(SurfaceGap.self, from: Data(text.utf8))
    #expect(
      PlaneResult.gap(gap).numbers.map(\.name.description) == ["test/gap", "test/gap-mean"])
    let line = try model.line(x: axis, in: nil).summary
    expectNamesToReadBack(LineResult.line(line))
    var configuration = ProfilesConfiguration()
    (configuration.pairs, configuration.rise) = (2, 1e-3)
    // At trained weights the loss rises along all directions.
    let profiles = try OpenedModel.digits().profiles(
      x: try #require(GridAxis(first: -3, last: 3, count: 13)), configuration, in: nil
    ).summary
    expectNamesToReadBack(LineResult.profiles(profiles))
    let width = try #require(profiles.width.estimate)
    #expect(
      value("width", LineResult.profiles(profiles).numbers)
        == MeasuredValue(width.mean, .standardError(width.standardError)))
  }
}
