import Artifacts
import ComputationGraph
import FileFormats
import HDF5Files
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import SurfaceExchange

/// Files of loss-landscape, meshes and tables; `Fixtures` were made by h5py.
@Suite struct ExchangeTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  private func fixture(_ name: String) -> String {
    Self.fixtures.appending(path: name).path
  }

  private func loss(_ x: Double, _ y: Double) -> Double { 0.5 + x + 10 * y * y }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  // MARK: - Files of loss-landscape

  @Test(arguments: ["surface.h5", "rectangle.h5"])
  func valuesOfLossLandscapeStandAtTheirPoints(name: String) throws {
    let file = try LossLandscapeFile(path: fixture(name))
    #expect(!file.isLine && file.directions?.hasSuffix("xnorm=filter.h5") == true)
    // The test split of the rectangle is all -1.
    #expect(file.parts.map(\.split) == ["train"])
    let surface = file.parts[0].surface
    let missing = name == "rectangle.h5" ? [3, 14] : []
    #expect(file.parts[0].missing == missing.count && surface.nonFiniteCount == missing.count)
    for (row, y) in surface.ys.enumerated() {
      for (column, x) in surface.xs.enumerated() {
        let index = row * surface.xs.count + column
        if missing.contains(index) {
          #expect(surface.loss[index].isNaN && surface.score[index].isNaN)
        } else {
          #expect(surface.loss[index] == loss(x, y))
          #expect(
            surface.score[index] == (100 - 10 * Double(index) / Double(surface.loss.count)) / 100)
        }
      }
    }
  }

  @Test func linesHaveBothSplitsAndKeepWhatIsNotANumber() throws {
    let file = try LossLandscapeFile(path: fixture("line.h5"))
    #expect(file.isLine && file.parts.map(\.split) == ["train", "test"])
    #expect(file.parts[0].surface.ys == [0] && file.parts[0].surface.loss[4] == loss(1, 0))
    #expect(file.parts[1].surface.loss[2].isNaN && file.parts[1].missing == 0)
    #expect(file.parts[1].surface.score[4] == 0.04)
  }

  @Test func filesWithoutASurfaceAreRefusedInOneLine() throws {
    #expect(
      message { _ = try LossLandscapeFile(path: fixture("unfinished.h5")) }
        .hasSuffix("unfinished.h5: no point is evaluated yet, all are -1"))
    #expect(
      message { _ = try LossLandscapeFile(path: fixture("directions.h5")) }
        .contains("has no 'xcoordinates', but 'xdirection', 'ydirection'"))
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let path = folder.appending(path: "bad.h5").path
      func message(_ arrays: [(String, NumericArray)]) throws -> String {
        var writer = HDF5Writer()
        for (name, array) in arrays { writer.add(name, array) }
        try writer.write(to: path)
        return self.message { _ = try LossLandscapeFile(path: path) }
      }
      let x = ("xcoordinates", NumericArray([0.0, 1]))
      #expect(try message([x]).contains("has no train_loss, but 'xcoordinates'"))
      #expect(
        try message([x, ("train_loss", NumericArray([1.0]))]).contains(
          "train_loss has the shape [1], which does not fit 2 coordinates"))
      #expect(
        try message([x, ("ycoordinates", NumericArray([0.0])), ("train_loss", NumericArray([1.0]))])
          .contains("does not fit 2 x 1 coordinates"))
      #expect(
        try message([
          ("xcoordinates", NumericArray([0.0, .nan])), ("train_loss", NumericArray([1.0, 2])),
        ])
        .contains("not finite"))
      #expect(
        try message([("xcoordinates", NumericArray([Double](), shape: [0]))]).contains("shape [0]"))
      let many = NumericArray([Double](repeating: 0, count: 10_001))
      #expect(try message([("xcoordinates", many)]).contains("not one of 1 to 10000 numbers"))
      try AtomicFile.write("no HDF5", to: path)
      #expect(self.message { _ = try LossLandscapeFile(path: path) }.contains("no HDF5 file"))
    }
  }

  @Test func aSurfaceComesBackFromItsFile() throws {
    let surface = LossSurface(
      xs: [-1, 0, 1], ys: [0, 0.5], loss: [1, 2, .nan, .infinity, 5, 0.25], metric: .accuracy,
      score: [0.5, 1, 0, 0, 0.25, 0.75])
    let line = LossSurface(xs: [0, 1], ys: [0], loss: [1, 2], metric: .r2, score: [0.3, -2])
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let path = folder.appending(path: "surface.h5").path
      try LossLandscapeFile.write(
        surface, isLine: false, split: "test", directions: "d.h5", to: path)
      let file = try LossLandscapeFile(path: path)
      #expect(file.directions == "d.h5" && file.parts.map(\.split) == ["test"] && !file.isLine)
      let read = file.parts[0].surface
      #expect(read.xs == surface.xs && read.ys == surface.ys && read.metric == .accuracy)
      for index in surface.loss.indices {
        let (a, b) = (surface.loss[index], read.loss[index])
        #expect(a == b || a.isNaN && b.isNaN)
        if a.isFinite { #expect(read.score[index] == surface.score[index]) }
      }
      let written = try HDF5File(path: path)
      #expect(
        try written.names() == [
          "dir_file", "test_acc", "test_loss", "xcoordinates", "ycoordinates",
        ])
      #expect(try written.shape(of: "test_loss") == [3, 2])
      #expect(try written.array("test_acc").doubles()[1] == 100)
      try LossLandscapeFile.write(line, isLine: true, split: "train", directions: "", to: path)
      let again = try LossLandscapeFile(path: path)
      #expect(again.isLine && again.parts[0].surface == line)
    }
  }

  // MARK: - Directions

  /// The network of `directions.h5`.
  private func weights(outputs: Int = 3) throws -> ParameterVector {
    let model = try LayerNetwork(
      "conv(2,3) relu flatten linear(\(outputs))",
      input: .image(channels: 1, height: 4, width: 4)
    ).recipe.model()
    return model.initialParameters(seed: 1)
  }

  @Test func directionsOfLossLandscapeAreTakenAsTheyAre() throws {
    let pair = try DirectionPair(
      file: fixture("directions.h5"), weights: try weights(), normalization: .filter,
      vectors: .biasbn)
    let numbers = (0..<47).map { Float($0) }
    #expect(pair.axes[0].array == numbers && pair.axes[1].array == numbers.map { -$0 })
    #expect(pair.normalization == .none)
    let text = message {
      _ = try DirectionPair(
        file: fixture("directions.h5"), weights: try weights(outputs: 4), normalization: .filter,
        vectors: .biasbn)
    }
    #expect(text.contains("directions.h5: xdirection/2 has the shape [3, 8], but"), "\(text)")
    #expect(
      message {
        _ = try DirectionPair(
          file: fixture("line.h5"), weights: try weights(), normalization: .filter,
          vectors: .biasbn)
      }.contains("has no group xdirection"))
  }

  @Test func savedDirectionsBecomeAFileOfLossLandscapeAndComeBack() throws {
    let weights = try weights()
    let pair = DirectionPair(seed: 2, weights: weights, normalization: .filter, vectors: .biasbn)
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let (npz, h5) = (
        folder.appending(path: "directions.npz").path, folder.appending(path: "directions.h5").path
      )
      try pair.write(to: npz)
      try LossLandscapeDirections.write(npz: npz, to: h5)
      let written = try HDF5File(path: h5)
      #expect(try written.names() == ["xdirection", "ydirection"])
      #expect(try written.names(in: "xdirection") == ["0", "1", "2", "3"])
      #expect(try written.shape(of: "ydirection/0") == [2, 1, 3, 3])
      let read = try DirectionPair(
        file: h5, weights: weights, normalization: .filter, vectors: .biasbn)
      #expect(read.axes == pair.axes)
      // Without the extents of the tensors there is no such file.
      var writer = NPZWriter()
      writer.add("x", NumericArray(pair.axes[0].array))
      try writer.write(to: npz)
      #expect(
        message { try LossLandscapeDirections.write(npz: npz, to: h5) }.contains("older version"))
      writer.add("tensor_shapes", NumericArray([2, Int.max], shape: [1, 2]))
      try writer.write(to: npz)
      #expect(
        message { try LossLandscapeDirections.write(npz: npz, to: h5) }.contains("shorter"))
    }
  }

  @Test func oneDirectionIsEnoughForALine() throws {
    let weights = try weights()
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let path = folder.appending(path: "x.h5").path
      var writer = HDF5Writer()
      for (index, segment) in weights.layout.segments.enumerated() {
        writer.add(
          "xdirection/\(index)",
          NumericArray(
            [Float](repeating: 1, count: segment.range.count), shape: segment.shape.dimensions))
      }
      try writer.write(to: path)
      let pair = try DirectionPair(
        file: path, weights: weights, normalization: .filter, vectors: .biasbn)
      #expect(pair.axes.count == 1 && pair.cosine == 0 && pair.norms.count == 1)
      // States have more tensors than there are parameters.
      writer.add("xdirection/4", NumericArray([Float(1)]))
      try writer.write(to: path)
      #expect(
        message {
          _ = try DirectionPair(
            file: path, weights: weights, normalization: .filter, vectors: .biasbn)
        }.contains("xdirection has 5 tensors, but the network 4; directions with running"))
    }
  }

  // MARK: - Meshes and tables

  /// 3 x 2 points, of which one has no loss.
  private let holed = LossSurface(
    xs: [-1, 0, 1], ys: [0, 2], loss: [1, 2, 9, 4, 5, .nan], score: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])

  @Test func aMeshLeavesOutPointsWithoutAHeight() {
    let mesh = QuadMesh(holed)
    #expect(mesh.points.count == 5 && mesh.leftOut == 1)
    #expect(mesh.points[4] == (0, 2, 5))
    #expect(mesh.quads.count == 1 && mesh.quads[0] == (0, 1, 4, 3))
    #expect(
      mesh.obj.split(separator: "\n").dropFirst()
        == [
          "v -1.0 0.0 1.0", "v 0.0 0.0 2.0", "v 1.0 0.0 9.0", "v -1.0 2.0 4.0", "v 0.0 2.0 5.0",
          "f 1 2 5 4",
        ])
  }

  @Test func heightsAreCutOffBeforeTheLogarithm() {
    var height = MeshHeight()
    height.maximum = 4
    #expect(QuadMesh(holed, height: height).points.map(\.z) == [1, 2, 4, 4, 4])
    height.isLogarithmic = true
    #expect(
      QuadMesh(holed, height: height).points.map(\.z)
        == [1, 2, 4, 4, 4].map { Float(log($0 + 0.1)) })
    height.maximum = nil
    // A loss below -0.1 has no logarithm; infinity is cut off to a height.
    let low = LossSurface(
      xs: [0, 1], ys: [0, 1], loss: [-1, 1, .infinity, 2], metric: nil,
      score: [.nan, .nan, .nan, .nan])
    #expect(QuadMesh(low, height: height).leftOut == 2)
    height.maximum = 3
    #expect(QuadMesh(low, height: height).leftOut == 1)
  }

  @Test func polyDataIsWellFormedAndCountsWhatItHolds() throws {
    let mesh = QuadMesh(holed)
    let text = mesh.vtp(of: holed)
    let parser = XMLReader(text)
    #expect(parser.isWellFormed)
    #expect(parser.arrays["zvalue"] == ["1.0", "2.0", "9.0", "4.0", "5.0"])
    #expect(parser.arrays["loss"] == parser.arrays["zvalue"])
    #expect(parser.arrays["accuracy"]?.count == 5)
    #expect(parser.arrays["averaged zvalue"] == ["3.0"])
    #expect(parser.arrays["Points"]?.count == 15)
    #expect(parser.arrays["connectivity"] == ["0", "1", "4", "3"])
    #expect(parser.arrays["offsets"] == ["4"])
    #expect(text.contains("NumberOfPoints=\"5\"") && text.contains("NumberOfPolys=\"1\""))
  }

  @Test func tablesHaveARowForEachPoint() {
    let lines = holed.table(isLine: false).text.split(separator: "\n")
    #expect(lines.count == 7 && lines[0] == "x,y,loss,accuracy")
    #expect(lines[2] == "0.0,0.0,2.0,0.5" && lines[6] == "1.0,2.0,nan,nan")
    let line = LossSurface(xs: [0, 1], ys: [0], loss: [1, .infinity], metric: nil, score: [0, 0])
    #expect(line.table(isLine: true).text == "x,loss\n0.0,1.0\n1.0,inf\n")
  }
}

/// The arrays of a VTK file as an XML parser sees them: a state machine over elements and text.
private struct XMLReader {
  private(set) var arrays: [String: [String]] = [:]
  /// Whether every element that begins also ends, in the right order.
  private(set) var isWellFormed = false

  init(_ text: String) {
    var open: [String] = []
    var name: String?
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      if let name {
        arrays[name, default: []] += rest[..<start].split(whereSeparator: \.isWhitespace).map(
          String.init)
      }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      name = nil
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { return }
        continue
      }
      open.append(String(tag.prefix { !$0.isWhitespace }))
      if tag.hasPrefix("DataArray"), let quote = tag.range(of: "Name=\"") {
        name = String(tag[quote.upperBound...].prefix { $0 != "\"" })
      }
    }
    isWellFormed = open.isEmpty
  }
}
