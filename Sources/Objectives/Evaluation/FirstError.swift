internal import Foundation

/// The first error that several threads have met.
final class FirstError: @unchecked Sendable {
  // `@unchecked`: under the lock.
  private let lock = NSLock()
  private var error: (any Error)?

  func set(_ error: any Error) { lock.withLock { if self.error == nil { self.error = error } } }

  func check() throws { if let error = lock.withLock({ error }) { throw error } }
}
