import Foundation

@testable import Plotting

/// Figures of every kind, from measured and from made-up data.
enum SampleFigures {
  static let caption =
    "512 samples of CIFAR-10 train; filter-normalised random directions (seed 17), batch norm and "
    + "biases left alone; batch norm with running statistics; cross-entropy without weight decay; "
    + "||dx|| = 50.15, ||dy|| = 50.15, cosine \u{2212}0.008; model.ckpt SHA-256 1f0c8a7b."

  /// Two shifted bowls with ripples on a fine grid.
  static func ripples(columns: Int = 51, rows: Int = 51) throws -> ScalarGrid {
    let xs = coordinates(columns)
    let ys = coordinates(rows)
    return try ScalarGrid(
      xs: xs, ys: ys,
      values: ys.flatMap { y in
        xs.map { x in
          0.05 + 2.2 * (x * x + 1.6 * y * y) + 0.35 * (1 - cos(5 * x) * cos(4 * y - 1))
        }
      })
  }

  /// Positive values over seven decades: a sharp valley.
  static func valley() throws -> ScalarGrid {
    let xs = coordinates(50)
    return try ScalarGrid(
      xs: xs, ys: xs,
      values: xs.flatMap { y in
        xs.map { x in 0.001 + exp(9 * (x * x + y * y) - 0.3 * x * y) - 1 + 0.2 * abs(x + y) }
      })
  }

  static func withHoles() throws -> ScalarGrid {
    let grid = try ripples(columns: 31, rows: 31)
    var values = grid.values
    for index in [0, 1, 2, 31, 32, 62, 500, 930, 929] { values[index] = .nan }
    values[960] = .infinity
    return try ScalarGrid(xs: grid.xs, ys: grid.ys, values: values)
  }

  static func saddle() throws -> ScalarGrid {
    let xs = coordinates(41)
    return try ScalarGrid(
      xs: xs, ys: xs, values: xs.flatMap { y in xs.map { x in x * x - y * y + 0.3 * x } })
  }

  static func coordinates(_ count: Int) -> [Double] {
    (0..<count).map { count == 1 ? 0 : -1 + 2 * Double($0) / Double(count - 1) }
  }

  static func landscape(
    _ style: LandscapeStyle, _ grids: [(title: String, grid: ScalarGrid)], title: String = "",
    scale: ColorScale? = nil, width: Double? = nil
  ) throws -> Figure {
    try Figure.landscape(
      style, surfaces: grids, scale: scale, valueLabel: "training loss",
      xLabel: "direction 1", yLabel: "direction 2", title: title, caption: caption, width: width)
  }

  static func lossLine() -> Figure {
    let x = coordinates(51)
    let loss = x.map { 0.01 + 3 * $0 * $0 + 0.5 * (1 - cos(6 * $0)) }
    let test = loss.map { $0 + 0.25 }
    let accuracy = loss.map { 100 * exp(-0.9 * $0) }
    return Figure(
      panels: [
        Panel(
          chart: .lines(
            LineChart(
              series: [
                Series(
                  "train loss", x: x, y: loss,
                  band: .init(
                    lower: loss.map { $0 * 0.85 }, upper: loss.map { $0 * 1.15 },
                    label: "± 1 standard error"), color: Color.series[0]),
                Series("test loss", x: x, y: test, color: Color.series[0], dash: .dashed),
                Series(
                  "train accuracy", x: x, y: accuracy, side: .right, color: Color.series[1]),
                Series(
                  "test accuracy", x: x, y: accuracy.map { $0 - 6 }, side: .right,
                  color: Color.series[1], dash: .dashed),
              ], xAxis: Axis("step along direction 1"), leftAxis: Axis("cross-entropy"),
              rightAxis: Axis("accuracy (%)", range: 0...100))))
      ], title: "ResNet-20 along a filter-normalised direction", caption: caption)
  }

  static func errorBars() -> Figure {
    let names = ["0", "0.5", "0.9", "0.99"]
    let x = names.indices.map(Double.init)
    let accuracy = [97.2, 97.4, 97.1, 96.4]
    return Figure(
      panels: [
        Panel(
          chart: .lines(
            LineChart(
              series: [
                Series(
                  "dense", x: [-0.4, 3.4], y: [96.8, 96.8],
                  band: .init(lower: [96.6, 96.6], upper: [97, 97], label: ""), dash: .dashed),
                Series(
                  "sparse", x: x, y: accuracy,
                  band: .init(
                    lower: accuracy.map { $0 - 0.3 }, upper: accuracy.map { $0 + 0.3 },
                    label: "± 1 standard deviation", style: .bars), dots: true),
              ],
              xAxis: Axis(
                "sparsity", range: -0.4...3.4,
                names: zip(x, names).map { Tick(value: $0, label: $1) }),
              leftAxis: Axis("accuracy (%)"))))
      ], title: "Accuracy against sparsity", caption: caption)
  }

  static func logLine() -> Figure {
    let epochs = (1...200).map(Double.init)
    var loss = epochs.map { 2.3 * exp(-$0 / 22) + 0.0013 + 0.0004 * sin($0) }
    loss[120] = .nan
    loss[121] = .infinity
    return Figure(
      panels: [
        Panel(
          chart: .lines(
            LineChart(
              series: [
                Series("SGD", x: epochs, y: loss),
                Series("SAM, ρ = 0.1", x: epochs, y: loss.map { $0 * 1.7 }),
                Series("SSAM-F", x: epochs, y: loss.map { $0 * 1.4 }),
              ], xAxis: Axis("epoch"), leftAxis: Axis("training loss", kind: .logarithmic))))
      ], title: "Training curves")
  }

  static func spectrum() -> Figure {
    let x = (0...600).map { -5 + 70 * Double($0) / 600 }
    func peak(_ at: Double, _ width: Double, _ height: Double) -> [Double] {
      x.map { height * exp(-pow(($0 - at) / width, 2) / 2) }
    }
    let parts = [peak(0, 0.6, 1), peak(12, 0.5, 1e-4), peak(25, 0.5, 3e-5), peak(58, 0.5, 1e-5)]
    let density = x.indices.map { index in 1e-8 + parts.reduce(0) { $0 + $1[index] } }
    return Figure(
      panels: [
        Panel(
          chart: .lines(
            LineChart(
              series: [Series("spectral density", x: x, y: density)],
              xAxis: Axis("eigenvalue"),
              leftAxis: Axis("density", kind: .logarithmic),
              verticalMarkers: [
                VerticalMarker(x: 58, label: "λ₁ = 58.0"),
                VerticalMarker(x: 12, label: "λ₅ = 12.0", dash: .dotted),
              ],
              rug: Rug(values: [-1.5, -0.3, 0, 0.2, 0.4, 1, 12, 25, 58], label: "Ritz values"))))
      ], title: "Hessian spectrum")
  }

  static func ratios() -> Figure {
    let edges = (0...60).map { -12 + 0.25 * Double($0) }
    let counts = zip(edges, edges.dropFirst()).map { low, high in
      (270_000 * exp(-pow((low + high) / 2 + 3, 2) / 3)).rounded()
    }
    func histogram(_ kind: ScaleKind) -> Chart {
      .histogram(
        Histogram(
          bins: [.init(name: "all parameters", edges: edges, heights: counts)],
          xAxis: Axis("ln |(g_SAM − g_SGD) / g_SGD|"), yAxis: Axis("elements", kind: kind),
          verticalMarkers: [VerticalMarker(x: 0, label: "change as large as the gradient")]))
    }
    return Figure(
      panels: [
        Panel(title: "linear", chart: histogram(.linear)),
        Panel(title: "logarithmic", chart: histogram(.logarithmic)),
      ], title: "Gradient ratio", caption: caption)
  }

  static func all() throws -> [(name: String, figure: Figure)] {
    let ripples = try ripples()
    let valley = try valley()
    let holes = try withHoles()
    let saddle = try saddle()
    let saddleScale = try ColorScale(fitting: [saddle], map: .redBlue)
    let clipped = try ColorScale(fitting: [valley], map: .magma, range: 0.1...100)
    var figures: [(String, Figure)] = [
      ("contour", try landscape(.contour, [("", ripples)], title: "Two bowls with ripples")),
      ("valley", try landscape(.contour, [("", valley)], title: "Sharp valley")),
      ("holes-contour", try landscape(.contour, [("", holes)])),
      ("holes-heat", try landscape(.heat, [("", holes)])),
      ("holes-surface", try landscape(.surface, [("", holes)])),
      ("saddle", try landscape(.contour, [("", saddle)], scale: saddleScale)),
      ("clipped", try landscape(.heat, [("", valley)], scale: clipped)),
      ("surface", try landscape(.surface, [("", ripples)], title: "Two bowls with ripples")),
      (
        "three-contours",
        try landscape(
          .contour, [("SGD", ripples), ("SAM", saddleShift(ripples)), ("SSAM-F", ripples)],
          title: "Three optimisers on one scale")
      ),
      (
        "three-surfaces",
        try landscape(
          .surface, [("SGD", ripples), ("SAM", saddleShift(ripples)), ("SSAM-F", ripples)])
      ),
      ("line", lossLine()), ("log-line", logLine()),
      ("error-bars", errorBars()), ("spectrum", spectrum()),
      ("ratios", ratios()),
    ]
    var lines = figures[0].1
    if case .contour(var chart) = lines.panels[0].chart {
      chart.style = .lines
      chart.paths = [
        MapPath(
          points: (0...12).map { step in
            let t = Double(step) / 12
            return Point(x: 0.8 * (1 - t) * cos(3 * t), y: 0.9 * (1 - t))
          }, label: "SGD trajectory")
      ]
      lines.panels[0].chart = .contour(chart)
    }
    figures.append(("lines-only", lines))
    figures += try unusual()
    var lifted = try landscape(.surface, [("", valley)])
    if case .surface(var chart) = lifted.panels[0].chart {
      chart.drawsFloorContours = true
      lifted.panels[0].chart = .surface(chart)
    }
    figures.append(("floor", lifted))
    if let first = try ReferenceSurface.load("resnet20"),
      let second = try ReferenceSurface.load("resnet32")
    {
      let pair = [("ResNet-20", first), ("ResNet-32", second)]
      figures.append(("resnet20", try landscape(.contour, [("ResNet-20", first)])))
      for style in LandscapeStyle.allCases {
        figures.append(("resnets-\(style)", try landscape(style, pair)))
      }
    }
    return figures
  }

  /// Data that need another scale or another shape than most.
  private static func unusual() throws -> [(String, Figure)] {
    let base = try ripples(columns: 21, rows: 21)
    let zero = try ScalarGrid(
      xs: base.xs, ys: base.ys, values: base.values.map { max(0, pow($0 - 0.3, 5)) })
    let strip = try ScalarGrid(
      xs: coordinates(30).map { 2 * $0 }, ys: coordinates(11),
      values: coordinates(11).flatMap { y in
        coordinates(30).map { x in 1e6 * (4 * x * x + y * y) }
      })
    let constant = try ScalarGrid(
      xs: base.xs, ys: base.ys, values: base.values.map { _ in 2.302585 })
    return [
      ("zero-loss", try landscape(.contour, [("", zero)])),
      ("zero-surface", try landscape(.surface, [("", zero)])),
      ("strip", try landscape(.contour, [("wide", strip)], width: 400)),
      ("constant", try landscape(.contour, [("constant", constant)])),
      (
        "four", try landscape(.heat, [("A", base), ("B", zero), ("C", base), ("D", base)])
      ),
    ]
  }

  /// The same surface, wider and moved.
  private static func saddleShift(_ grid: ScalarGrid) throws -> ScalarGrid {
    try ScalarGrid(xs: grid.xs, ys: grid.ys, values: grid.values.map { 0.4 * $0 + 0.03 })
  }
}

/// Loss surfaces measured with another tool, where the checkout has them beside it.
enum ReferenceSurface {
  private struct File: Decodable {
    struct Landscape: Decodable {
      let coordinates: [Double]
      let loss: [[Double]]
    }

    let landscape: Landscape
  }

  static func load(_ name: String) throws -> ScalarGrid? {
    guard let folder = sharedFolder else { return nil }
    let file = folder.appending(path: "reference/\(name).json")
    guard let data = try? Data(contentsOf: file) else { return nil }
    let surface = try JSONDecoder().decode(File.self, from: data).landscape
    return try ScalarGrid(
      xs: surface.coordinates, ys: surface.coordinates, values: surface.loss.flatMap(\.self))
  }

  private static var sharedFolder: URL? {
    if let path = ProcessInfo.processInfo.environment["BASIN_SHARED"] {
      return URL(filePath: path)
    }
    var folder = URL(filePath: #filePath).deletingLastPathComponent()
    while folder.path.count > 1 {
      if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
        return folder.deletingLastPathComponent().appending(path: "shared")
      }
      folder.deleteLastPathComponent()
    }
    return nil
  }
}
