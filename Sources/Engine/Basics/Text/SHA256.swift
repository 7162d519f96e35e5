#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// SHA-256 (FIPS 180-4), to verify downloads against their published checksums. Not every system has a program for it,
/// and its name varies.
package struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var count: UInt64 = 0

  package init() {}

  /// Adds bytes to the digest.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    pending.append(contentsOf: bytes)
    let whole = pending.count & ~63
    guard whole > 0 else { return }
    count &+= UInt64(whole)
    pending.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: whole, by: 64) {
        Self.mix(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]), into: &state)
      }
    }
    pending.removeFirst(whole)
  }

  /// The digest of all bytes, as 64 hexadecimal digits.
  package consuming func hexadecimal() -> String {
    let bits = (count &+ UInt64(pending.count)) &* 8
    var padding: [UInt8] = [0x80]
    padding += Array(repeating: 0, count: (119 - pending.count % 64) % 64)
    for shift in stride(from: 56, through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    update(padding)
    return state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The digest of a file. Reads the whole file on the calling thread.
  ///
  /// - Throws: `FileIO.Failure` if it cannot be read.
  package static func hexadecimal(ofFile path: String) throws(FileIO.Failure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileIO.Failure(operation: "open", code: errno) }
    defer { close(descriptor) }
    var digest = SHA256()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileIO.Failure(operation: "read", code: errno) }
      guard count > 0 else { return digest.hexadecimal() }
      digest.update(chunk[..<count])
    }
  }

  private static func mix(_ block: UnsafeRawBufferPointer, into state: inout [UInt32]) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
      for at in 0..<16 {
        words[at] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: at * 4, as: UInt32.self))
      }
      for at in 16..<64 {
        let (a, b) = (words[at - 15], words[at - 2])
        let first = turned(a, 7) ^ turned(a, 18) ^ (a >> 3)
        let second = turned(b, 17) ^ turned(b, 19) ^ (b >> 10)
        words[at] = words[at - 16] &+ first &+ words[at - 7] &+ second
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      constants.withUnsafeBufferPointer { constants in
        for at in 0..<64 {
          let sum = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
          let one = h &+ sum &+ ((e & f) ^ (~e & g)) &+ constants[at] &+ words[at]
          let two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
          (h, g, f, e) = (g, f, e, d &+ one)
          (d, c, b, a) = (c, b, a, one &+ two)
        }
      }
      for (at, word) in [a, b, c, d, e, f, g, h].enumerated() { state[at] &+= word }
    }
  }

  private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
