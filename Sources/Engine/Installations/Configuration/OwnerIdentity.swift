import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension Paths {
  /// The identity of this deskrun: what it deploys is labeled with it, so that another deskrun with another
  /// configuration neither adopts nor removes it.
  package var identity: String { home + "/identity" }
}

extension ConfigurationStore {
  /// The identity of this configuration, 16 hexadecimal digits: the stored one, or the one to be stored.
  package var owner: String {
    if let bytes = (try? FileIO.read(paths.identity, limit: 64)) ?? nil {
      let text = String(decoding: bytes, as: UTF8.self).trimmingSpaces
      if Self.isIdentity(text) { return text }
    }
    return Self.candidate(home: paths.home)
  }

  /// Stores the identity, so that it stays the same when the folder moves to another machine.
  package func keepOwner() {
    guard !FileIO.exists(paths.identity) else { return }
    // If it cannot be written, the same one is computed next time.
    try? FileIO.makePrivateFolder(paths.home)
    try? FileIO.replace(paths.identity, with: Array((owner + "\n").utf8))
  }

  private static func isIdentity(_ text: String) -> Bool {
    text.utf8.count == 16 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  private static func candidate(home: String) -> String {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let machine = (try? FileIO.read("/etc/machine-id", limit: 256)) ?? nil
    let name = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    // FNV-1a: stable across runs, unlike Swift's own hashes.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in (machine ?? []) + [0] + name + [0] + Array(home.utf8) + [0] + Array("\(getuid())".utf8) {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
