internal import Artifacts
internal import FileFormats
internal import LinearAlgebra
internal import Settings

/// The state of a curve's training as a file, and back with the same bits.
package enum CurveFile {
  private static let origin = "curve.origin"
  private static let progress = "curve.progress"

  private struct Progress: Codable {
    let epoch: Int
    let step: Int
    let losses: [Double]
  }

  /// Writes a state as safetensors: the tensors `bend.0`, `velocity.0` and so on.
  ///
  /// - Parameters:
  ///   - state: The state.
  ///   - origin: All that it depends on, in words; only the same goes on from it.
  ///   - path: The file, replaced atomically.
  /// - Throws: `TrainingError` when it cannot be written.
  package static func write(
    _ state: CurveState, origin: String, to path: String
  ) throws {
    func tensors(_ name: String, _ vectors: [Vector<Float>]) -> [Safetensors.Tensor] {
      vectors.enumerated().map {
        Safetensors.Tensor(name: "\(name).\($0.offset)", array: NumericArray($0.element.array))
      }
    }
    let progress = Progress(epoch: state.epoch, step: state.step, losses: state.losses)
    let file = Safetensors(
      tensors: tensors("bend", state.bends) + tensors("velocity", state.velocities),
      metadata: [
        self.origin: origin, self.progress: try JSON.encode(progress, onOneLine: true),
      ])
    do throws(FileFormatError) {
      try AtomicFile.write(try file.encoded(), to: path)
    } catch {
      throw TrainingError("\(path): \(error)")
    }
  }

  /// Reads a state.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - origin: All that the state has to depend on.
  ///   - bends: Number of bends.
  ///   - count: Number of weights.
  /// - Returns: The state.
  /// - Throws: `TrainingError` for a file that is damaged or of another curve.
  package static func read(
    _ path: String, origin: String, bends: Int, count: Int
  ) throws(TrainingError) -> CurveState {
    let file: Safetensors
    do throws(FileFormatError) {
      file = try Safetensors(try FileBytes.read(path))
    } catch {
      throw TrainingError("\(path): \(error)")
    }
    guard file.metadata[self.origin] == origin else {
      throw TrainingError(
        "\(path): is of a curve between other networks, on other data or with other settings; choose "
          + "another \(.output)")
    }
    func vectors(_ name: String) -> [Vector<Float>] {
      (0..<bends).compactMap { index in
        file.tensors.first { $0.name == "\(name).\(index)" }.map { Vector($0.array.floats()) }
      }
    }
    let (points, velocities) = (vectors("bend"), vectors("velocity"))
    guard points.count == bends, velocities.count == bends,
      (points + velocities).allSatisfy({ $0.count == count }),
      let progress = try? JSON.decode(
        Progress.self, from: Array((file.metadata[self.progress] ?? "").utf8), path: path),
      progress.epoch >= 0, progress.step >= 0, progress.losses.count == progress.epoch
    else { throw TrainingError("\(path): is damaged; choose another \(.output)") }
    return CurveState(
      bends: points, velocities: velocities, epoch: progress.epoch, step: progress.step,
      losses: progress.losses)
  }
}
