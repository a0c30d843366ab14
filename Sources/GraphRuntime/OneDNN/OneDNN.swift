internal import COneDNN
internal import Foundation

/// Failure of a oneDNN call.
package struct OneDNNError: Error, CustomStringConvertible {
  let call: String
  let status: UInt32
  /// One line for the user.
  package var description: String { "oneDNN: \(call) failed with status \(status)" }
}

/// Throws when a oneDNN call did not succeed.
func check(_ status: dnnl_status_t, _ call: @autoclosure () -> String) throws(OneDNNError) {
  if status != dnnl_success { throw OneDNNError(call: call(), status: status.rawValue) }
}

/// The one CPU engine of the process and what it can do.
package enum OneDNN {
  /// The engine; oneDNN's engines may be used from any thread.
  ///
  /// Creating a CPU engine fails only when oneDNN was built without a CPU runtime.
  nonisolated(unsafe) static let engine: dnnl_engine_t? = {
    var engine: dnnl_engine_t?
    omp_set_num_threads(1)
    return dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success ? engine : nil
  }()

  /// Version like `2.6.3`.
  package static var version: String {
    guard let version = dnnl_version() else { return "unknown" }
    return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.patch)"
  }

  /// Name of the instruction set that oneDNN uses.
  package static var instructionSet: String {
    let names: [(set: dnnl_cpu_isa_t, name: String)] = [
      (dnnl_cpu_isa_avx512_core_amx, "AVX-512 AMX"),
      (dnnl_cpu_isa_avx512_core_bf16, "AVX-512 BF16"),
      (dnnl_cpu_isa_avx512_core_vnni, "AVX-512 VNNI"), (dnnl_cpu_isa_avx512_core, "AVX-512"),
      (dnnl_cpu_isa_avx2_vnni, "AVX2 VNNI"), (dnnl_cpu_isa_avx2, "AVX2"),
      (dnnl_cpu_isa_avx, "AVX"), (dnnl_cpu_isa_sse41, "SSE4.1"),
    ]
    return names.first { uses($0.set) }?.name ?? "generic"
  }

  /// Whether oneDNN has 512-bit kernels on this CPU.
  static var hasAVX512: Bool { uses(dnnl_cpu_isa_avx512_core) }

  /// Whether oneDNN uses all of an instruction set of x86-64; a set is the bits of all that it
  /// consists of.
  private static func uses(_ set: dnnl_cpu_isa_t) -> Bool {
    #if arch(x86_64)
      dnnl_get_effective_cpu_isa().rawValue & set.rawValue == set.rawValue
    #else
      false
    #endif
  }

  /// One thread inside oneDNN for what the calling thread creates and runs: parallelism is above it.
  package static func useOneThread() { omp_set_num_threads(1) }
}

/// Order of the elements of a four-dimensional tensor in memory.
package enum TensorLayout: Hashable, Sendable {
  /// Row-major.
  case plain
  /// `nChw8c` or `nChw16c`: blocks of channels innermost.
  case blocked(Int)

  /// Channels that lie side by side.
  var block: Int {
    switch self {
    case .plain: 1
    case .blocked(let block): block
    }
  }

  /// oneDNN's name of the layout for images.
  var imageTag: dnnl_format_tag_t {
    switch self {
    case .plain: dnnl_nchw
    case .blocked(16): dnnl_nChw16c
    case .blocked: dnnl_nChw8c
    }
  }
}
