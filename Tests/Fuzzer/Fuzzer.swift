import Foundation
import Fuzzing
import Synchronization

/// libFuzzer's loop; it calls back with one input after the other.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// libFuzzer's own changes of bytes, in place.
@_silgen_name("LLVMFuzzerMutate")
private func mutateInPlace(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

/// The reader that this process is about.
private let chosen = Mutex<FuzzedReader?>(nil)

private func reader() -> FuzzedReader {
  guard let reader = chosen.withLock({ $0 }) else { preconditionFailure("no reader is chosen") }
  return reader
}

private func mutate(_ bytes: [UInt8], _ limit: Int) -> [UInt8] {
  let room = max(limit, 1)
  var buffer = Array(bytes.prefix(room))
  let count = buffer.count
  buffer += [UInt8](repeating: 0, count: room - count)
  let changed = buffer.withUnsafeMutableBufferPointer { memory in
    memory.baseAddress.map { mutateInPlace($0, count, room) } ?? 0
  }
  return Array(buffer.prefix(changed))
}

/// What libFuzzer calls in place of its own changes.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
  _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: CUnsignedInt
) -> Int {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  var mutator = StructuredMutator(reader(), seed: Int(seed), mutation: mutate)
  guard let changed = mutator.mutated(input, limit: limit) else { return 0 }
  bytes.update(from: changed, count: changed.count)
  return changed.count
}

/// What libFuzzer calls to mix two inputs.
@_cdecl("LLVMFuzzerCustomCrossOver")
public func customCrossOver(
  _ first: UnsafePointer<UInt8>, _ firstCount: Int, _ second: UnsafePointer<UInt8>,
  _ secondCount: Int, _ result: UnsafeMutablePointer<UInt8>, _ limit: Int, _ seed: CUnsignedInt
) -> Int {
  var mutator = StructuredMutator(reader(), seed: Int(seed), mutation: mutate)
  let crossed = mutator.crossed(
    Array(UnsafeBufferPointer(start: first, count: firstCount)),
    with: Array(UnsafeBufferPointer(start: second, count: secondCount)), limit: limit)
  guard let crossed else { return 0 }
  result.update(from: crossed, count: crossed.count)
  return crossed.count
}

/// `Fuzzer READER [options of libFuzzer and folders of inputs]`, `Fuzzer --list`, or
/// `Fuzzer READER --seeds TESTS FOLDER`, which writes the inputs to start from; `Tests/fuzz` calls it.
@main
private struct Fuzzer {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, arguments[1] != "--list" else {
      for reader in FuzzedReader.all { print(reader.name, reader.words?.rawValue ?? "-") }
      return
    }
    guard let reader = FuzzedReader.named(arguments[1]) else {
      print("no reader \(arguments[1]); Tests/fuzz --list names them")
      exit(2)
    }
    if arguments.count == 5, arguments[2] == "--seeds" {
      return try write(reader.seeds, tests: arguments[3], to: arguments[4])
    }
    chosen.withLock { $0 = reader }
    var pointers = ([arguments[0]] + arguments.dropFirst(2)).map { strdup($0) } + [nil]
    var count = CInt(pointers.count - 1)
    exit(
      pointers.withUnsafeMutableBufferPointer { buffer in
        var start = buffer.baseAddress
        return runDriver(&count, &start) { bytes, count in
          Fuzzer.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        }
      })
  }

  private static func run(_ bytes: [UInt8]) -> CInt {
    reader().run(bytes)
    return 0
  }

  private static func write(_ seeds: [Seed], tests: String, to folder: String) throws {
    for (place, seed) in seeds.enumerated() {
      try Data(seed.bytes(tests: tests)).write(to: URL(filePath: "\(folder)/seed-\(place)"))
    }
  }
}
