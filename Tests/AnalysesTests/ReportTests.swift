import Analyses
import Settings
import Artifacts
import DigitsReference
import Foundation
import GradientRatios
import HessianSpectra
import Krylov
import LossSurfaces
import NeuralNetworks
import Reports
import TestSupport
import Testing
import Training

/// The page as text; what a browser makes of it is looked at by hand.
@Suite struct ReportTests {
  private let axis: GridAxis

  init() throws {
    axis = try #require(GridAxis(first: -1, last: 1, count: 3))
  }

  /// Folders of a surface, a line, a spectrum and ratios of one network inside of another.
  private func makeRuns(in url: URL) throws {
    let model = try OpenedModel.digits()
    func folder(_ name: String) throws -> RunFolder {
      try RunFolder(url.appending(path: name).path)
    }
    let context = Watcher().context()
    _ = try model.surface(x: axis, y: axis, in: try folder("surface"), context: context)
    _ = try model.line(x: axis, in: try folder("line"), context: context)
    var spectrum = SpectrumConfiguration()
    spectrum.steps = 12
    _ = try model.spectrum(spectrum, in: try folder("spectrum"), context: context)
    var ratios = RatioConfiguration()
    ratios.batchSize = 16
    try JSON.write(
      [try model.gradientRatios(ratios, context: context)],
      to: try folder("ratios").file("summary.json"))
  }

  /// Folders of everything that is rarer: profiles, sharpness, a map of curvature, a course of ratios.
  private func makeRarerRuns(in url: URL) throws {
    let model = try OpenedModel.digits(.resnet)
    func folder(_ name: String) throws -> RunFolder {
      try RunFolder(url.appending(path: name).path)
    }
    let context = Watcher().context()
    var profiles = ProfilesConfiguration()
    profiles.pairs = 2
    _ = try model.profiles(x: axis, profiles, in: try folder("profiles"), context: context)
    var sharpness = SharpnessConfiguration()
    (sharpness.radii, sharpness.steps, sharpness.restarts) = ([0.05], 2, 1)
    (sharpness.draws, sharpness.measures) = (2, [.maximumL2, .averageSphere])
    _ = try model.sharpness(sharpness, in: try folder("sharpness"), context: context)
    var map = CurvatureMapConfiguration()
    (map.steps, map.memory) = (8, ByteCount(bytes: 1 << 30))
    let short = try #require(GridAxis(first: 0, last: 0.5, count: 2))
    _ = try model.curvatureMap(x: short, y: short, map, in: try folder("map"), context: context)
    var ratios = RatioConfiguration()
    (ratios.batchSize, ratios.batches) = (16, 2)
    _ = try model.ratioCourse(
      of: [RatioCourseTests.path(model)], ratios, in: try folder("course"), context: context)
  }

  @Test func rarerKindsAreReadBackAsTheyWereWrittenAndShown() throws {
    try withTemporaryFolder { (url: URL) throws -> Void in
      try makeRarerRuns(in: url)
      let runs = try ReportedRuns(folders: [url.path])
      #expect(runs.profiles.count == 1 && runs.sharpness.count == 1 && runs.leftOut.isEmpty)
      #expect(runs.curvatureMaps.count == 1 && runs.courses.count == 1)
      let map = runs.curvatureMaps[0]
      #expect(map.map.xs == [0, 0.5] && map.map.points.count == 4)
      #expect(map.summary.center?.largest == map.map.points[0].largest)
      #expect(map.summary.center?.smallest == map.map.points[0].smallest)
      #expect(map.map.points.reduce(0) { $0 + $1.products } <= map.summary.products)
      let page = try Report(runs).html()
      #expect(Tags(page).isWellFormed)
      for id in ["profiles", "sharpness", "curvature", "ratio-courses"] {
        #expect(page.contains("<section id=\"\(id)\">"))
      }
      // The width stands among the numbers at a glance too.
      #expect(page.contains("width along random directions"))
      let width = runs.profiles[0].summary.width
      let points = runs.courses[0].runs[0].points
      let last = try #require(points.last { $0.batchNorm == .batch }?.batches)
      for text in [
        width.text(of: width.median), fourDigits(100 * last.mean),
        fourDigits(try #require(runs.sharpness[0].entries.first?.value)),
        fourDigits(try #require(map.summary.largestRatio?.ratio)),
      ] { #expect(page.contains(text), "\(text)") }
    }
  }

  private func withRuns(_ body: (ReportedRuns) throws -> Void) throws {
    try withTemporaryFolder { (url: URL) throws -> Void in
      try makeRuns(in: url)
      try body(try ReportedRuns(folders: [url.path, url.path]))
    }
  }

  @Test func runsOfAllKindsAreFoundOnceInTheFolderAroundThem() throws {
    try withRuns { (runs: ReportedRuns) throws -> Void in
      #expect(runs.surfaces.count == 1 && runs.lines.count == 1)
      #expect(runs.spectra.count == 1 && runs.ratios.count == 1 && runs.leftOut.isEmpty)
      // The density is that of the run: nodes and weights were read.
      let density = try #require(runs.spectra[0].spectrum.density)
      let summary = try #require(runs.spectra[0].summary.spectrum.density)
      #expect(abs(density.mean.value - summary.mean.value) <= 1e-12 * abs(summary.mean.value))
    }
    try withTemporaryFolder { (url: URL) throws -> Void in
      #expect(throws: AnalysisError.self) { try ReportedRuns(folders: [url.path]) }
      #expect(throws: AnalysisError.self) {
        try ReportedRuns(folders: [url.appending(path: "x").path])
      }
      // A result of another kind is named, not dropped.
      try AtomicText.write("{\"kind\": \"trees\"}", to: url.appending(path: "summary.json"))
      let runs = try ReportedRuns(folders: [url.path])
      #expect(runs.leftOut.map(\.kind) == ["trees"])
      #expect(try Report(runs).html().contains("of kind trees, which this page does not show"))
    }
  }

  @Test func settingsThatAPageNamesAreCalledAsItsReaderKnowsThem() throws {
    try withTemporaryFolder { (url: URL) throws -> Void in
      try AtomicText.write("{\"kind\": \"`steps`\"}", to: url.appending(path: "summary.json"))
      let runs = try ReportedRuns(folders: [url.path])
      #expect(try Report(runs).html().contains("of kind steps, which"))
      let page = try Report(runs, settingName: { "--\($0.rawValue)" }).html()
      #expect(page.contains("of kind --steps, which"))
    }
  }

  @Test func thePageHasEveryNumberAndNeedsNoOtherFile() throws {
    try withRuns { (runs: ReportedRuns) throws -> Void in
      let page = try Report(runs, command: ["/bin/landscape", "report", "a b"]).html()
      #expect(Tags(page).isWellFormed)
      let surface = runs.surfaces[0].summary
      let spectrum = runs.spectra[0].summary.spectrum
      let ratio = runs.ratios[0]
      var texts = [
        fourDigits(surface.center.loss), fourDigits(surface.evaluationSeconds),
        fourDigits(ratio.histogram.shareBelowZero * 100).prefix(4).description,
        "landscape report &#39;a b&#39;", "\(ratio.histogram.finite)", "3 x 3",
      ]
      texts += [surface.smallest, surface.largest].compactMap { $0.map { fourDigits($0.loss) } }
      texts += (spectrum.largest + spectrum.smallest).flatMap {
        [fourDigits($0.value), boundText($0, floor: spectrum.errorFloor)]
      }
      texts += [
        spectrum.ratio.map { fourDigits($0.value) }, spectrum.trace.map { fourDigits($0.value) },
      ]
      .compactMap(\.self)
      for provenance in [surface.provenance, runs.spectra[0].summary.source.provenance] {
        texts += [provenance.models[0].sha256, provenance.data?.digest ?? "", provenance.date]
        texts += provenance.libraries.values
      }
      for text in texts { #expect(page.contains(text), "\(text)") }
      for scheme in ["http:", "https:", "src=\"/", "url(", "@import"] {
        #expect(!page.contains(scheme), "\(scheme)")
      }
      // Every picture is in the page and says what it shows.
      let images = page.components(separatedBy: "<img ").dropFirst()
      #expect(images.count >= 6)
      #expect(images.allSatisfy { $0.contains("src=\"data:image/png;base64,") })
      #expect(images.allSatisfy { !$0.contains("alt=\"\"") && $0.contains("alt=\"") })
      #expect(page.utf8.count < 3_000_000)
      for id in ["overview", "surfaces", "lines", "spectra", "ratios", "provenance"] {
        #expect(page.contains("href=\"#\(id)\"") && page.contains("<section id=\"\(id)\">"))
      }
      #expect(!page.contains("<section id=\"trainings\">"))
    }
  }

  @Test func namesThatAreMarkupStayNames() throws {
    try withRuns { (runs: ReportedRuns) throws -> Void in
      let hostile =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)> \" ' & \u{2028}\u{0}.ckpt"
      var runs = runs
      var summary = runs.surfaces[0].summary
      summary.provenance.models[0].path =
        "/models/" + hostile.replacingOccurrences(of: "/", with: ":")
      summary.architecture = hostile
      summary.provenance.settings["<b>"] = hostile
      summary.provenance.command = ["landscape", hostile]
      runs.surfaces = [FinishedSurface(summary: summary, surface: runs.surfaces[0].surface)]
      let page = try Report(runs, command: ["landscape", hostile]).html()
      let tags = Tags(page)
      #expect(tags.isWellFormed)
      // One script is ours, the others hold values.
      #expect(
        tags.opened.filter { $0 == "script" }.count == 1
          + page.components(separatedBy: "application/json").count - 1)
      #expect(!page.contains("<script>alert") && !page.contains("<b>") && !page.contains("\u{0}"))
      #expect(!page.contains("<img src=x"))
      #expect(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"))
    }
  }

  @Test func theSameRunsMakeTheSamePage() throws {
    try withRuns { (runs: ReportedRuns) throws -> Void in
      let date = Date(timeIntervalSince1970: 0)
      #expect(
        try Report(runs, command: ["x"], date: date).html()
          == Report(runs, command: ["x"], date: date).html())
    }
  }
}

private enum AtomicText {
  static func write(_ text: String, to url: URL) throws {
    try Data(text.utf8).write(to: url)
  }
}

/// The tags of a page: whether each element that begins also ends, in the right order.
private struct Tags {
  private(set) var opened: [String] = []
  private(set) var isWellFormed = false

  init(_ page: String) {
    var open: [String] = []
    var rest = Substring(page)
    while let start = rest.firstIndex(of: "<") {
      let isRaw = open.last == "script" || open.last == "style"
      rest = rest[start...]
      // In scripts and styles nothing but their end is a tag.
      if isRaw && !rest.hasPrefix("</\(open.last ?? "")>") {
        rest = rest.dropFirst()
        continue
      }
      guard let end = rest.firstIndex(of: ">") else { return }
      let tag = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("!") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { return }
        continue
      }
      let name = String(tag.prefix { $0.isLetter || $0.isNumber })
      opened.append(name)
      guard !name.isEmpty,
        tag.split(separator: "\"", omittingEmptySubsequences: false).count % 2 == 1
      else { return }
      if !["meta", "img", "br"].contains(name) { open.append(name) }
    }
    isWellFormed = open.isEmpty
  }
}
