internal import Foundation
internal import Synchronization

/// Thrown when the user interrupted the run.
package struct Interrupted: Error {
  /// Creates the error.
  package init() {}
}

/// Interruption by Ctrl-C or SIGTERM, noticed between two steps of the work.
package enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Notes signals instead of ending the process; a second one ends it at once.
  ///
  /// A program that started this one may have blocked them, which is inherited.
  package static func watch() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if Interruption.requested.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      }
    }
  }

  /// Throws when the run was asked to end.
  package static func check() throws(Interrupted) {
    if requested.load(ordering: .relaxed) { throw Interrupted() }
  }
}
