internal import Communication
internal import FileFormats
internal import Foundation
internal import LinearAlgebra

/// Start vectors that points hand to their neighbours, in memory and in the folder of the run.
///
/// A file is written before its point counts as finished and removed when no neighbour needs it any more, so that an
/// interrupted run finds what it needs; what is missing or damaged is computed again.
struct StartVectorStore {
  private let folder: RunFolder?
  private let ranks: any Communicator
  /// Tells files of this run from others'.
  private let identity: [Double]
  private var held: [Int: Vector<Float>] = [:]

  init(in folder: RunFolder?, ranks: any Communicator, identity: String) {
    self.folder = folder
    self.ranks = ranks
    self.identity = identity.utf8.map(Double.init)
  }

  private func path(_ point: Int) -> String? { folder?.file("start-\(point).npz") }

  /// The vector of a point, where it is there: on all ranks what the first one has.
  ///
  /// - Throws: `RankFailure`.
  func vector(of point: Int, count: Int) throws -> Vector<Float>? {
    if let vector = held[point] { return vector }
    let kept = kept(point, count: count)
    guard try ranks.all(!ranks.isFirst || kept != nil) else { return nil }
    var vector = kept ?? Vector(zeros: count)
    unsafe try vector.withUnsafeMutableBuffer {
      unsafe try ranks.broadcast(UnsafeMutableRawBufferPointer($0))
    }
    return vector
  }

  private func kept(_ point: Int, count: Int) -> Vector<Float>? {
    guard let path = path(point), let file = try? NPZFile(path: path),
      let found = try? file.array("identity").doubles(), found == identity,
      let array = try? file.array("vector"), array.shape == [count]
    else { return nil }
    return Vector(array.floats())
  }

  /// Keeps the vector of a point.
  mutating func keep(_ vector: Vector<Float>, of point: Int) throws {
    held[point] = vector
    guard let path = path(point) else { return }
    var writer = NPZWriter()
    writer.add("identity", NumericArray(identity))
    writer.add("vector", NumericArray(vector.array))
    try writer.write(to: path)
  }

  /// Forgets the vector of a point.
  mutating func remove(_ point: Int) {
    held[point] = nil
    if let path = path(point) { try? FileManager.default.removeItem(atPath: path) }
  }
}
