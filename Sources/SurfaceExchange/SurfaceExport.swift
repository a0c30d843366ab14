package import Analyses
internal import Artifacts
internal import FileFormats
internal import Foundation
package import LossSurfaces

/// Forms that other programs open.
package enum SurfaceExportFormat: String, CaseIterable, Sendable {
  /// HDF5 with loss-landscape's names and layout.
  case h5
  /// VTK PolyData, for ParaView.
  case vtp
  /// A table.
  case csv
  /// Wavefront OBJ, for programs that show shapes.
  case obj

  /// Whether it is a shape, which a line does not have.
  var isMesh: Bool { self == .vtp || self == .obj }
}

/// What an export wrote.
package struct SurfaceExport: Sendable {
  /// Paths of the files.
  package let paths: [String]
  /// What a reader must know, in words.
  package let remarks: [String]
}

extension FinishedSurface {
  /// Writes the surface or line in forms that other programs open: `surface.h5`, ..., or `line.h5`, ...,
  /// and `directions.h5` beside the first where the run wrote its directions.
  ///
  /// - Parameters:
  ///   - formats: The forms.
  ///   - height: How the loss becomes the height of `vtp` and `obj`; the others hold values as they are.
  ///   - source: Folder of the run, which may hold `directions.npz`.
  ///   - folder: Gets the files.
  /// - Returns: What was written.
  /// - Throws: `AnalysisError` for a form that a line does not have, and a mesh without a quadrilateral;
  ///   `DirectionError` for directions that are damaged; `FileFormatError` and `ArtifactError` when a
  ///   file cannot be written.
  package func export(
    _ formats: [SurfaceExportFormat], height: MeshHeight = MeshHeight(), from source: String,
    to folder: RunFolder
  ) throws -> SurfaceExport {
    let isLine = summary.kind == "line"
    if isLine, let format = formats.first(where: \.isMesh) {
      throw AnalysisError(
        "is a line, which has no \(format.rawValue); h5 and csv do", subject: source)
    }
    let name = isLine ? "line" : "surface"
    let mesh = formats.contains(where: \.isMesh) ? QuadMesh(surface, height: height) : nil
    var paths: [String] = []
    var remarks: [String] = []
    if let mesh, mesh.quads.isEmpty {
      throw AnalysisError("has no four points next to each other with a height", subject: source)
    }
    if let mesh, mesh.leftOut > 0 {
      remarks.append("\(mesh.leftOut) points without a finite height are holes in the mesh")
    }
    for format in formats {
      let path = folder.file("\(name).\(format.rawValue)")
      switch format {
      case .h5:
        let directions = try writeDirections(from: source, to: folder)
        if let directions { paths.append(folder.file(directions)) }
        try LossLandscapeFile.write(
          surface, isLine: isLine, split: splitName, directions: directions ?? directionsText,
          to: path)
      case .vtp: try AtomicFile.write(mesh?.vtp(of: surface) ?? "", to: path)
      case .obj: try AtomicFile.write(mesh?.obj ?? "", to: path)
      case .csv: try surface.table(isLine: isLine).write(to: path)
      }
      paths.append(path)
    }
    return SurfaceExport(paths: paths, remarks: remarks)
  }

  /// Writes `directions.h5` where the run has directions; its name.
  private func writeDirections(from source: String, to folder: RunFolder) throws -> String? {
    let path = source + "/directions.npz"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    try LossLandscapeDirections.write(npz: path, to: folder.file("directions.h5"))
    return "directions.h5"
  }

  /// The split as loss-landscape names it.
  private var splitName: String {
    switch summary.provenance.data?.split {
    case "test": "test"
    case "validation", "val": "val"
    default: "train"
    }
  }

  /// How the directions came about.
  private var directionsText: String {
    let directions = summary.directions
    guard let seed = directions.seed else { return directions.source }
    return
      "\(directions.source)_seed=\(seed)_ignore=\(directions.ignore)_norm=\(directions.normalization)"
  }
}
