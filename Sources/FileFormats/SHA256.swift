internal import CCrypto
import Foundation

/// The SHA-256 digest of FIPS 180-4, as lower-case hexadecimal text.
package enum SHA256 {
  /// The digest of `bytes`.
  package static func hexDigest(of bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { hexDigest(ofParts: [$0]) }
  }

  /// The digest of the bytes of several places in memory, one behind the other.
  package static func hexDigest(ofParts parts: [UnsafeRawBufferPointer]) -> String {
    let digest = Stream()
    for part in parts { digest.update(part) }
    return digest.finish()
  }

  /// The digest of the file at `path`, read in blocks of 1 MiB.
  ///
  /// - Throws: `FileFormatError` if the file cannot be read.
  package static func hexDigest(ofFile path: String) throws(FileFormatError) -> String {
    try hexDigest(ofFiles: [path])
  }

  /// The digest of files, one behind the other, read in blocks of 1 MiB.
  ///
  /// - Throws: `FileFormatError` if one cannot be read.
  package static func hexDigest(ofFiles paths: [String]) throws(FileFormatError) -> String {
    let digest = Stream()
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { block.deallocate() }
    for path in paths { try digest.update(path, through: block) }
    return digest.finish()
  }
}

extension SHA256 {
  /// A digest of bytes that come one part after the other; owner of one OpenSSL context.
  package final class Stream {
    private let context: OpaquePointer

    /// Starts a digest.
    package init() {
      // Creating a context fails only when memory is exhausted, and SHA-256 is in every provider.
      guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      else {
        preconditionFailure("libcrypto offers no SHA-256")
      }
      self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes bytes in.
    package func update(_ bytes: UnsafeRawBufferPointer) {
      let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
      precondition(status == 1, "EVP_DigestUpdate failed")
    }

    /// Takes the bytes of a file in, block by block.
    fileprivate func update(
      _ path: String, through block: UnsafeMutableRawBufferPointer
    ) throws(FileFormatError) {
      let (descriptor, _) = try FileBytes.open(path)
      defer { close(descriptor) }
      while true {
        let count = read(descriptor, block.baseAddress, block.count)
        if count < 0 {
          if errno == EINTR { continue }
          throw FileBytes.unreadable(path, errno)
        }
        if count == 0 { return }
        update(UnsafeRawBufferPointer(rebasing: block[..<count]))
      }
    }

    /// The digest of all bytes; nothing may come behind it.
    package func finish() -> String {
      var digest = [UInt8](repeating: 0, count: 32)
      let status = EVP_DigestFinal_ex(context, &digest, nil)
      precondition(status == 1, "EVP_DigestFinal_ex failed")
      return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}
