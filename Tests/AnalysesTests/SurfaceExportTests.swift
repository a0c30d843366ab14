import Analyses
import AnalysisFigures
import Checkpoints
import ComputationGraph
import FileFormats
import HDF5Files
import Foundation
import LossSurfaces
import NeuralNetworks
import Plotting
import TestSupport
import Testing
import SurfaceExchange

@Suite struct SurfaceExportTests {
  private let axis: GridAxis

  init() throws {
    axis = try #require(GridAxis(first: -1, last: 1, count: 3))
  }

  @Test func aRunIsExportedInAllFormsAtOnceWithItsDirections() throws {
    let model = try OpenedModel.digits()
    try withTemporaryFolder { (url: URL) throws -> Void in
      let folder = try RunFolder(url.path)
      var configuration = SurfaceConfiguration()
      configuration.savesDirections = true
      let run = try model.surface(
        x: axis, y: axis, configuration, in: folder, context: Watcher().context())
      let export = try FinishedSurface(folder: url.path).export(
        SurfaceExportFormat.allCases, from: url.path, to: folder)
      #expect(
        export.paths.map { URL(filePath: $0).lastPathComponent }
          == ["directions.h5", "surface.h5", "surface.vtp", "surface.csv", "surface.obj"])
      #expect(export.remarks.isEmpty)
      let file = try LossLandscapeFile(path: folder.file("surface.h5"))
      #expect(file.directions == "directions.h5" && file.parts.map(\.split) == ["train"])
      #expect(file.parts[0].surface.loss == run.surface.loss)
      // The same directions give the same surface.
      var again = SurfaceConfiguration()
      again.directionsFile = folder.file("directions.h5")
      let repeated = try model.surface(
        x: axis, y: axis, again, in: nil, context: Watcher().context())
      #expect(repeated.surface == run.surface)
      let described = try LossLandscapeFile.described(path: folder.file("surface.h5"))
      #expect(described.count == 1 && described[0].surface.loss == run.surface.loss)
      #expect(described[0].title == "surface, train" && !described[0].isLine)
      #expect(described[0].center?.hasPrefix("loss ") == true)
      #expect(described[0].source?.hasPrefix("surface.h5 sha256:") == true)
    }
  }

  @Test func aLineHasNoMesh() throws {
    let model = try OpenedModel.digits()
    let line = try model.line(x: axis, in: nil, context: Watcher().context())
    try withTemporaryFolder { (url: URL) throws -> Void in
      let folder = try RunFolder(url.path)
      #expect(throws: AnalysisError("is a line, which has no vtp; h5 and csv do", subject: "run")) {
        try line.export([.csv, .vtp], from: "run", to: folder)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty)
      let export = try line.export([.h5, .csv], from: url.path, to: folder)
      #expect(
        export.paths.map { URL(filePath: $0).lastPathComponent } == ["line.h5", "line.csv"])
      let file = try LossLandscapeFile(path: folder.file("line.h5"))
      #expect(file.isLine && file.directions == "random_seed=0_ignore=biasbn_norm=filter")
      #expect(file.parts[0].surface.loss == line.surface.loss)
    }
  }

  @Test func aFileWithOneDirectionIsForLines() throws {
    let model = try OpenedModel.digits()
    try withTemporaryFolder { (url: URL) throws -> Void in
      var writer = HDF5Writer()
      for (index, segment) in model.trained.model.layout.segments.enumerated() {
        writer.add(
          "xdirection/\(index)",
          NumericArray(
            [Float](repeating: 0.01, count: segment.range.count),
            shape: segment.shape.dimensions))
      }
      let path = url.appending(path: "x.h5").path
      try writer.write(to: path)
      var configuration = SurfaceConfiguration()
      configuration.directionsFile = path
      let line = try model.line(x: axis, configuration, in: nil, context: Watcher().context())
      #expect(line.summary.directions.norms.count == 1)
      #expect(throws: AnalysisError.self) {
        try model.surface(
          x: axis, y: axis, configuration, in: nil, context: Watcher().context())
      }
    }
  }

  @Test func figuresShowFilesOfLossLandscape() throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../LossSurfacesTests/Fixtures")
    let lines = try LossLandscapeFile.described(path: fixtures.appending(path: "line.h5").path)
    #expect(lines.map(\.title) == ["line, train", "line, test"] && lines.allSatisfy(\.isLine))
    #expect(lines[1].caption.contains("1 points are not finite."))
    let unfinished = try LossLandscapeFile.described(
      path: fixtures.appending(path: "rectangle.h5").path)
    #expect(unfinished[0].caption.contains("2 of 15 points were not evaluated."))
    for figure in [LineFigure(lines).figure]
      + (try SurfaceFigures(unfinished).figures.map(\.figure))
    {
      #expect(try figure.render(format: .svg).count > 1000)
    }
    #expect(
      unfinished[0].caption.contains("directions net.pt_weights_xignore=biasbn_xnorm=filter.h5;"))
  }
}
