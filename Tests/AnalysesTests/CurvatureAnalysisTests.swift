import Checkpoints
import NeuralNetworks
import Analyses
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra
import Objectives
import Settings
import TestSupport
import Testing

@Suite struct CurvatureAnalysisTests {
  private let spectrum: SpectrumConfiguration
  private let curvature: CurvatureConfiguration

  init() {
    var spectrum = SpectrumConfiguration()
    spectrum.steps = 12
    spectrum.traceSamples = 2
    spectrum.keepsEigenvectors = true
    self.spectrum = spectrum
    var curvature = CurvatureConfiguration()
    curvature.seed = 4
    // Memory that is free differs from run to run.
    curvature.memory = ByteCount(bytes: 1 << 30)
    self.curvature = curvature
  }

  @Test func theSpectrumIsThatOfTheMatrixOfTheRisk() throws {
    let model = try OpenedModel.digits()
    let watcher = Watcher()
    let run = try model.spectrum(spectrum, of: curvature, in: nil, context: watcher.context())
    let risk = try model.risk(RiskOptions(), pool: .callerAlone)
    let matrix = try RiskOperator(
      CurvatureSettings(.hessian), of: risk, at: model.trained.point,
      selection: ParameterSelection(model.trained.model.layout, patterns: [], roles: []))
    let expected = try computeSpectrum(of: matrix, settings: run.summary.settings)
    // The same products; what only the run measures is their error in single precision.
    #expect(run.summary.spectrum.largest == expected.result.largest)
    #expect(run.summary.spectrum.trace == expected.result.trace)
    #expect(run.summary.spectrum.arithmeticFloor > 0 && run.paths.isEmpty)
    #expect(run.spectrum.eigenvectors.count == 12)
    #expect(watcher.endedTitles == ["spectrum"])
    try expectRoundTrip(run.summary)
    try expectRoundTrip(spectrum)
    try expectRoundTrip(curvature)
  }

  @Test(arguments: [3, 9])
  func anInterruptedSpectrumGoesOnToTheSameBits(products: Int) throws {
    let model = try OpenedModel.digits()
    let whole = try model.spectrum(spectrum, of: curvature, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      #expect(throws: Stopped.self) {
        try model.spectrum(
          spectrum, of: curvature, in: folder,
          context: Watcher(stopsAfter: products).context())
      }
      let kept = folder.file("spectrum.products")
      #expect(FileManager.default.fileExists(atPath: kept))
      let watcher = Watcher()
      let run = try model.spectrum(
        spectrum, of: curvature, in: folder, context: watcher.context(threads: 2))
      #expect(run.summary.spectrum == whole.summary.spectrum)
      #expect(run.summary.products == whole.summary.products)
      #expect(run.spectrum.eigenvectors.map(\.array) == whole.spectrum.eigenvectors.map(\.array))
      #expect(
        watcher.events.contains {
          if case .preparation("spectrum", _, _) = $0 { return true }
          return false
        })
      // The results are written, so products are not needed any more.
      #expect(!FileManager.default.fileExists(atPath: kept))
      #expect(
        run.paths == ["summary.json", "spectrum.npz", "eigenvectors.npz"].map(folder.file))
    }
  }

  @Test func anInterruptedTraceAndInterruptedLayersGoOnToTheSameBits() throws {
    let model = try OpenedModel.digits()
    var trace = TraceConfiguration()
    trace.products = 8
    var layers = LayersConfiguration()
    layers.steps = 4
    layers.traceSamples = 2
    let wholeTrace = try model.trace(trace, of: curvature, in: nil, context: Watcher().context())
    let wholeLayers = try model.layers(
      layers, of: curvature, in: nil, context: Watcher().context())
    try withTemporaryFolder { url in
      let folder = try RunFolder(url.path)
      #expect(throws: Stopped.self) {
        try model.trace(
          trace, of: curvature, in: folder, context: Watcher(stopsAfter: 4).context())
      }
      #expect(throws: Stopped.self) {
        try model.layers(
          layers, of: curvature, in: folder, context: Watcher(stopsAfter: 9).context())
      }
      let again = try model.trace(trace, of: curvature, in: folder, context: Watcher().context())
      #expect(again.trace == wholeTrace.trace && again.products == wholeTrace.products)
      let layersAgain = try model.layers(
        layers, of: curvature, in: folder, context: Watcher().context())
      #expect(layersAgain.layers == wholeLayers.layers)
      #expect(layersAgain.products == wholeLayers.products)
      try expectRoundTrip(again)
      try expectRoundTrip(layersAgain)
      try expectRoundTrip(trace)
      try expectRoundTrip(layers)
    }
  }

  @Test func littleMemoryRestartsTheBasisAndTooLittleIsAnError() throws {
    let model = try OpenedModel.digits()
    let size = 4 * model.trained.model.layout.count
    var (spectrum, curvature) = (spectrum, curvature)
    spectrum.top = 1
    spectrum.bottom = 0
    curvature.memory = ByteCount(bytes: 2 * 8 * size)
    let watcher = Watcher()
    let run = try model.spectrum(spectrum, of: curvature, in: nil, context: watcher.context())
    let basis = try #require(run.summary.settings.maximumBasisSize)
    #expect(basis > 2 && basis < spectrum.steps)
    let remarks = watcher.events.compactMap { event -> String? in
      if case .remark(let message) = event { return message }
      return nil
    }
    #expect(remarks.contains { $0.contains("basis vectors fit in half of `memory`") })
    #expect(remarks.contains { $0.hasPrefix("`memory` ") && $0.contains("is less than the") })

    curvature.memory = ByteCount(bytes: 2 * size)
    let error = #expect(throws: AnalysisError.self) {
      try model.spectrum(spectrum, of: curvature, in: nil, context: Watcher().context())
    }
    #expect(error?.cause.hasSuffix("with `top` and `bottom`") == true)
  }

  @Test func settingsOutOfRangeAreRefusedByName() {
    func refuses(_ setting: Setting, _ change: (inout CurvatureConfiguration) -> Void) {
      var configuration = CurvatureConfiguration()
      change(&configuration)
      let error = #expect(throws: AnalysisError.self) { try configuration.validate() }
      #expect(error?.description.contains("\(setting)") == true)
    }
    refuses(.batchSize) { $0.batchSize = 1 }
    refuses(.weightDecay) { $0.weightDecay = .nan }
    refuses(.microBatch) { $0.microBatch = 1 }
    refuses(.labelDraws) { $0.labelDraws = 0 }
    refuses(.roles) {
      $0.mask = "m.npz"
      $0.roles = [.weight]
    }
    func refuses(_ setting: Setting, _ change: (inout SpectrumConfiguration) -> Void) {
      var configuration = SpectrumConfiguration()
      change(&configuration)
      let error = #expect(throws: AnalysisError.self) { try configuration.validate() }
      #expect(error?.description.contains("\(setting)") == true)
    }
    refuses(.steps) { $0.steps = 0 }
    refuses(.probes) { $0.probes = -1 }
    refuses(.top) { $0.top = 101 }
    refuses(.bottom) { $0.bottom = -1 }
    refuses(.tolerance) { $0.tolerance = 1 }
    refuses(.traceSamples) { $0.traceSamples = 1 }
    refuses(.width) { $0.width = 0 }
  }
}
