internal import Analyses
internal import Foundation
internal import Settings

/// Progress on stderr: a bar on a terminal, occasional lines otherwise.
package final class Progress {
  private let title: String
  private let isTerminal: Bool
  private let isQuiet: Bool
  private let created = Date()
  private var start: (done: Int, time: Date)?
  private var lastShown = Date.distantPast
  private var lineIsOpen = false

  /// Creates a reporter.
  ///
  /// - Parameters:
  ///   - title: What is done, like `surface`.
  ///   - isQuiet: Whether nothing is shown.
  package init(_ title: String, isQuiet: Bool = false) {
    self.title = title
    self.isQuiet = isQuiet
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  deinit { end() }

  /// Shows how far the work is, with an estimate of the remaining time.
  package func show(_ done: Int, of total: Int, detail: String = "") {
    let now = Date()
    let start = start ?? (done, now)
    self.start = start
    guard isDue(now, isLast: done == total) else { return }
    var text = "\(title): \(done)/\(total)"
    let fresh = done - start.done
    if fresh > 0 && done < total {
      let rest = now.timeIntervalSince(start.time) / Double(fresh) * Double(total - done)
      text += ", \(durationText(rest)) left"
    }
    if !detail.isEmpty { text += ", " + detail }
    write(text, share: total > 0 ? Double(done) / Double(total) : 1)
  }

  /// Shows how far work is that goes ahead of what is counted, such as reading what an earlier run left.
  package func showPreparation(_ text: String, share: Double) {
    if isDue(Date(), isLast: false) { write("\(title): \(text)", share: share) }
  }

  /// Whether a line is shown now.
  private func isDue(_ now: Date, isLast: Bool) -> Bool {
    let interval = isTerminal ? 0.2 : 15
    guard !isQuiet, isLast || now.timeIntervalSince(lastShown) >= interval else { return false }
    if isLast && !lineIsOpen && !isTerminal { return false }
    lastShown = now
    return true
  }

  private func write(_ text: String, share: Double) {
    if isTerminal {
      let width = 24
      let filled = Int(share * Double(width))
      let bar =
        String(repeating: "#", count: filled)
        + String(repeating: ".", count: width - filled)
      standardError("\r\u{1B}[K[\(bar)] \(text)")
    } else {
      standardError(text + "\n")
    }
    lineIsOpen = true
  }

  /// Shows how much was done of work whose end is not known, and the share of the most that it may take.
  package func count(_ done: Int, share: Double) {
    let now = Date()
    // What is over soon is not worth a line.
    guard now.timeIntervalSince(created) >= (isTerminal ? 0.2 : 15), isDue(now, isLast: false)
    else { return }
    let percent = Int((100 * min(max(share, 0), 1)).rounded())
    write("\(title): \(done), \(percent) % of the most it may take", share: share)
  }

  /// Ends the line of the bar.
  package func end() {
    if lineIsOpen && isTerminal { standardError("\r\u{1B}[K") }
    lineIsOpen = false
  }
}

/// Writes text to stderr; the settings that it names are called as the options are.
package func standardError(_ text: String) {
  FileHandle.standardError.write(Data(text.namingSettings(\.optionName).utf8))
}

/// A remark for the user on stderr, in one line.
package func note(_ text: String) { standardError("note: \(text)\n") }

/// A warning on stderr, in one line: what makes numbers doubtful, which no option silences.
package func warn(_ text: String) { standardError("warning: \(text)\n") }
