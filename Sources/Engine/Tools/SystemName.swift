import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The name of this system.
package enum SystemName {
  /// `Linux 6.1.0-37-amd64 x86_64`.
  package static let text: String = {
    var info = utsname()
    guard uname(&info) == 0 else { return "an unknown system" }
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { SafeText.line(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
    }
    return [text(info.sysname), text(info.release), text(info.machine)].joined(separator: " ")
  }()

  /// The name of this machine; empty if it has none.
  package static var host: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `Debian GNU/Linux 12 (bookworm)`; nil if unknown.
  package static var distribution: String? {
    guard let bytes = try? FileIO.read("/etc/os-release", limit: 64 << 10) else { return nil }
    let prefix = "PRETTY_NAME="
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(prefix) }
    return line.map { SafeText.line($0.dropFirst(prefix.count).filter { $0 != "\"" && $0 != "'" }) }
  }
}
