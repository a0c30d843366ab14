internal import Analyses
internal import Artifacts
internal import FileFormats
package import Foundation
package import Settings

/// One page about finished runs that needs nothing but a browser: no network, no other file.
///
/// Pictures stand in where scripts or WebGL do not run. Nothing in the page can be run but our own
/// script, whose digest the page names.
package struct Report {
  private let runs: ReportedRuns
  private let overview: OverviewSection
  private let command: [String]
  private let date: Date
  private let settingName: (Setting) -> String

  /// Creates a report.
  ///
  /// - Parameters:
  ///   - runs: What it shows.
  ///   - command: What it says it was made by, program first.
  ///   - date: When.
  ///   - settingName: How the reader knows a setting that a warning names.
  package init(
    _ runs: ReportedRuns, command: [String] = CommandLine.arguments, date: Date = Date(),
    settingName: @escaping (Setting) -> String = { $0.rawValue }
  ) {
    self.settingName = settingName
    self.runs = runs
    overview = OverviewSection(runs: runs)
    self.command = command
    self.date = date
  }

  /// The page.
  ///
  /// - Throws: `PlottingError` and `AnalysisError` for results that cannot be drawn.
  package func html() throws -> String {
    let sections: [any ReportSection] = [
      overview, SurfaceSection(runs: runs.surfaces),
      LineSection(runs: runs.lines), ProfilesSection(runs: runs.profiles),
      SharpnessSection(runs: runs.sharpness),
      SpectrumSection(runs: runs.spectra, traces: runs.traces), LayersSection(runs: runs.layers),
      CurvatureMapSection(runs: runs.curvatureMaps),
      RatioSection(runs: runs.ratios), RatioCourseSection(runs: runs.courses),
      ConnectionSection(runs: runs.connections), TrajectorySection(runs: runs.trajectories),
      TrainingSection(runs: runs.trainings), ProvenanceSection(runs: runs, command: command),
    ]
    let shown = sections.filter { !$0.isEmpty }
    let header = HTML.element(
      "header", [:],
      [
        .element("a", ["class": "skip", "href": "#main"], "To the contents"),
        .element("h1", [:], title),
        .element(
          "p", ["class": "quiet"], "\(date.formatted(.iso8601)), Basin \(Toolkit.version)"),
        .element(
          "nav", ["aria-label": "Contents"],
          [
            .element(
              "ul", [:],
              shown.map { .element("li", [:], [.element("a", ["href": "#\($0.id)"], $0.title)]) })
          ]),
      ])
    let main = HTML.element(
      "main", ["id": "main"],
      try shown.map { section in
        .element(
          "section", ["id": section.id],
          [.element("h2", [:], section.title)] + (try section.contents()))
      }
    ).namingSettings(settingName)
    let footer = HTML.element(
      "footer", [:],
      "Made by Basin \(Toolkit.version). The page is one file and asks nothing of any network.")
    return HTML.page(
      .element(
        "html", ["lang": "en"], [head, .element("body", [:], [header, main, footer, script])]))
  }

  private var title: String {
    var titles: [String] = []
    for title in overview.titles where !titles.contains(title) {
      titles.append(title)
    }
    if titles.isEmpty {
      for model in runs.provenances.compactMap({ $0.provenance.models.first?.title })
      where !titles.contains(model) { titles.append(model) }
    }
    if titles.isEmpty { titles = runs.trainings.map(\.curve.label) }
    return "Loss landscape report" + (titles.isEmpty ? "" : ": " + titles.joined(separator: ", "))
  }

  private var head: HTML {
    .element(
      "head", [:],
      [
        .element("meta", ["charset": "utf-8"]),
        .element(
          "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .element(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content":
              "default-src 'none'; img-src data:; style-src 'sha256-\(Self.digest(PageSource.style))'; "
              + "script-src 'sha256-\(Self.digest(PageSource.script))'",
          ]),
        .element("meta", ["name": "generator", "content": "Basin \(Toolkit.version)"]),
        .element("title", [:], title), .embedded("style", PageSource.style),
      ])
  }

  private var script: HTML { .embedded("script", PageSource.script) }

  /// SHA-256 in base64, as a policy names a script.
  private static func digest(_ source: String) -> String {
    let text = SHA256.hexDigest(of: Array(source.utf8))
    let bytes = stride(from: 0, to: text.count, by: 2).map { place in
      UInt8(text.dropFirst(place).prefix(2), radix: 16) ?? 0
    }
    return Data(bytes).base64EncodedString()
  }
}
