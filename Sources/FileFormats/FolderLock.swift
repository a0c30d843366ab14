internal import Foundation

/// Says that this process writes into a folder, as long as it lives and this value does.
///
/// The lock lies on the folder itself, leaves no file, and ends with the process however that ends. Where a
/// file system has no locks, nobody is refused.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock of a folder that exists.
  ///
  /// - Returns: nil where another process has it.
  package init?(_ path: String) {
    descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    if FileLock.take(descriptor) == EWOULDBLOCK {
      close(descriptor)
      return nil
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
