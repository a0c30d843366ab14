internal import Foundation

/// Memory of this process.
package enum ProcessMemory {
  /// Bytes in memory now; 0 where the system does not say.
  package static var resident: Int {
    // Size and resident set in pages.
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }
}
