import Foundation

/// Runs the products that were built beside the tests.
struct CommandRun {
  let status: Int32
  let output: String
  let errors: String

  /// Folder of the test bundle, where SwiftPM puts the products too.
  private static var folder: URL {
    #if os(Linux)
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    #else
      Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        .deletingLastPathComponent() ?? URL(filePath: ".")
    #endif
  }

  /// A command that is not started yet.
  static func process(_ name: String, _ arguments: [String], in directory: URL) -> Process {
    let process = Process()
    process.executableURL = folder.appending(path: name)
    process.arguments = arguments
    process.currentDirectoryURL = directory
    return process
  }

  /// Runs a command to its end.
  init(_ name: String, _ arguments: [String], in directory: URL) throws {
    try self.init(Self.process(name, arguments, in: directory), in: directory)
  }

  /// Runs a line of a shell that finds the products by their names.
  init(shell line: String, in directory: URL) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = directory
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(Self.folder.path):\(environment["PATH"] ?? "")"
    process.environment = environment
    try self.init(process, in: directory)
  }

  private init(_ process: Process, in directory: URL) throws {
    let output = directory.appending(path: ".stdout-\(UUID().uuidString)")
    let errors = directory.appending(path: ".stderr-\(UUID().uuidString)")
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = try String(contentsOf: output, encoding: .utf8)
    self.errors = try String(contentsOf: errors, encoding: .utf8)
    try FileManager.default.removeItem(at: output)
    try FileManager.default.removeItem(at: errors)
  }
}
