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
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "SSE4.1"
    case dnnl_cpu_isa_avx: "AVX"
    case dnnl_cpu_isa_avx2: "AVX2"
    case dnnl_cpu_isa_avx512_mic, dnnl_cpu_isa_avx512_mic_4ops: "AVX-512 (MIC)"
    case dnnl_cpu_isa_avx512_core: "AVX-512"
    case dnnl_cpu_isa_avx512_core_vnni: "AVX-512 VNNI"
    case dnnl_cpu_isa_avx512_core_bf16: "AVX-512 BF16"
    case let other where other.rawValue > dnnl_cpu_isa_avx512_core_bf16.rawValue: "AVX-512 or later"
    default: "generic"
    }
  }

  /// Whether oneDNN has 512-bit kernels on this CPU.
  static var hasAVX512: Bool {
    let isa = dnnl_get_effective_cpu_isa().rawValue
    return isa & dnnl_cpu_isa_avx512_core.rawValue == dnnl_cpu_isa_avx512_core.rawValue
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
