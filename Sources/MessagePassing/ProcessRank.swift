package import Communication
internal import Foundation

/// The ranks that this process was started as one of.
package enum ProcessRank {
  /// Finds out how the process was started: by mpirun or srun as one of several, or alone.
  ///
  /// Alone, no library is called.
  ///
  /// - Returns: The wires to the other ranks.
  /// - Throws: `MessagePassingError` where there are several and this program cannot reach them.
  package static func join() throws -> any StartedCommunicator {
    let environment = ProcessInfo.processInfo.environment
    #if MPI
      if launchers.contains(where: { environment[$0] != nil }) { return try MPIRank() }
    #endif
    if count > 1 {
      throw MessagePassingError(
        description: isBuiltWithMPI
          ? "started as one of several tasks that know nothing of each other; use srun --mpi=pmix, or mpirun"
          : "started as one of several ranks, but built without MPI; build with swift build --traits MPI"
      )
    }
    return Alone()
  }

  /// Whether several ranks can work together.
  package static var isBuiltWithMPI: Bool {
    #if MPI
      true
    #else
      false
    #endif
  }

  /// How many ranks there are, by what the launcher says; no library is called.
  package static var count: Int {
    let environment = ProcessInfo.processInfo.environment
    return max(1, counts.compactMap { environment[$0].flatMap { Int($0) } }.max() ?? 1)
  }

  /// What Open MPI, PMIx and PMI tell a process about its rank.
  private static let launchers = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"]
  /// How many ranks launchers say that there are.
  private static let counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
}

/// Why ranks cannot work together, in one line.
package struct MessagePassingError: Error, CustomStringConvertible {
  /// What is wrong, and what to do.
  package let description: String
}

/// The wires of a process that a launcher has started.
package protocol StartedCommunicator: Communicator {
  /// Ends this rank together with the others: all of them call it once.
  ///
  /// - Parameters:
  ///   - failed: Whether something went wrong: where others do not come within seconds, they are ended as
  ///     they are.
  ///   - lastWords: Called before that.
  func finish(failed: Bool, lastWords: () -> Void)
}

extension Alone: StartedCommunicator {
  package func finish(failed: Bool, lastWords: () -> Void) {}
}
