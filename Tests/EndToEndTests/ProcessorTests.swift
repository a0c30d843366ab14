import Foundation
import TestSupport
import Testing

/// Whether other CPUs can be emulated.
private let hasEmulator = (ProcessInfo.processInfo.environment["PATH"] ?? "")
  .split(separator: ":")
  .contains { FileManager.default.isExecutableFile(atPath: "\($0)/qemu-x86_64") }

/// Programs on CPUs that qemu emulates (Debian's package `qemu-user`).
@Suite(.enabled(if: hasEmulator, "needs qemu-x86_64 of the package qemu-user"))
struct ProcessorTests {
  private func version(of command: String, on processor: String) throws -> CommandRun {
    try withTemporaryFolder {
      try CommandRun(
        shell: "qemu-x86_64 -cpu \(processor) \"$(command -v \(command))\" --version", in: $0)
    }
  }

  @Test(arguments: ["landscape", "hessian", "gradratio", "trainer"])
  func aProcessorThatKernelsCannotRunOnIsNamedInOneLine(command: String) throws {
    let run = try version(of: command, on: "IvyBridge")
    #expect(run.status == 1 && run.output.isEmpty)
    let lines = run.errors.split(separator: "\n").filter { !$0.contains("warning: TCG") }
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("error: this CPU has no AVX2, FMA") == true, "\(run.errors)")
  }

  @Test func theOldestProcessorWithAVX2IsEnough() throws {
    let run = try version(of: "trainer", on: "Haswell")
    #expect(run.status == 0 && !run.output.isEmpty, "\(run.errors)")
  }
}
