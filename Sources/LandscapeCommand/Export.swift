import Analyses
import ArgumentParser
import CommandSupport
import LossSurfaces
import SurfaceExchange

/// `landscape export`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write finished runs in forms that other programs open.",
    discussion: """
      h5 has the names and the layout of loss-landscape (Li et al. 2018), with directions.h5 beside it \
      where the run was made with --save-directions. vtp is a mesh for ParaView, obj one for programs \
      that show shapes, csv a table. Needs neither model nor data.
      """)

  @Argument(help: "Folders that plot, grid or line wrote.")
  var runs: [String]

  @Option(help: "Forms, with commas between them: h5, vtp, csv, obj.")
  var format: FormatList

  @Option(name: .shortAndLong, help: "Folder for the files; default: each run's own.")
  var output: String?

  @Option(
    name: .customLong("zmax"), parsing: .unconditional,
    help: "vtp, obj: larger losses are drawn at this height.")
  var maximum: Double?

  @Flag(name: .customLong("log"), help: "vtp, obj: heights are ln(loss + 0.1), as in h52vtp.py.")
  var isLogarithmic = false

  func validate() throws {
    guard output == nil || runs.count == 1 else {
      throw ValidationError("--output takes one run; several write into their own folders.")
    }
    if let maximum, !maximum.isFinite {
      throw ValidationError("--zmax \(maximum) is not finite.")
    }
  }

  func run() throws {
    try runCommand {
      var height = MeshHeight()
      height.maximum = maximum
      height.isLogarithmic = isLogarithmic
      for run in runs {
        let export = try FinishedSurface(folder: run).export(
          format.formats, height: height, from: run, to: try RunFolder(output ?? run))
        for remark in export.remarks { note("\(run): \(remark)") }
        for path in export.paths { print(path) }
      }
    }
  }
}

/// Formats with commas between them.
struct FormatList: ExpressibleByArgument {
  let formats: [SurfaceExportFormat]

  init?(argument: String) {
    let parsed = argument.split(separator: ",").map { SurfaceExportFormat(rawValue: String($0)) }
    let formats = parsed.compactMap(\.self)
    guard !formats.isEmpty, formats.count == parsed.count else { return nil }
    self.formats = formats
  }
}
