internal import Foundation

/// The lock of an open file or folder, which ends with the process however that ends.
enum FileLock {
  /// How long a process that was killed may still have its files open: it gives back its memory first.
  private static let patience = Duration.seconds(5)

  /// Takes the lock; waits a little for a process that is about to end.
  ///
  /// - Returns: 0, or the system's error code: `EWOULDBLOCK` where another process has the lock.
  static func take(_ descriptor: Int32) -> Int32 {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EINTR || (code == EWOULDBLOCK && clock.now < deadline) else { return code }
      usleep(50_000)
    }
    return 0
  }
}
