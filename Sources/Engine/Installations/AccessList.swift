import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The access control list of a folder or socket (POSIX.1e), as `setfacl` writes it. It decides instead of the bits for
/// group and others.
package struct AccessList: Sendable, Equatable {
  /// What single users may, as the three bits of a mode, by their ids.
  package var users: [Int: Int] = [:]
  /// What further groups may, by their ids.
  package var groups: [Int: Int] = [:]
  /// What the group of the file may.
  package var group = 0
  /// What users and groups may at most; nil for no limit.
  package var mask: Int?

  /// An empty list.
  package init() {}

  /// Reads the value of the attribute `system.posix_acl_access`: a version, 2, and entries of eight bytes, all with the
  /// lowest byte first. Nil for anything else.
  package init?(_ bytes: [UInt8]) {
    func number(_ at: Int, _ size: Int) -> Int { (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    guard bytes.count >= 4, number(0, 4) == 2, (bytes.count - 4) % 8 == 0 else { return nil }
    for at in stride(from: 4, to: bytes.count, by: 8) {
      let (tag, bits, id) = (number(at, 2), number(at + 2, 2) & 0o7, number(at + 4, 4))
      switch tag {
      case 0x02: users[id] = bits
      case 0x04: group = bits
      case 0x08: groups[id] = bits
      case 0x10: mask = bits
      // The owner and all others are in the mode.
      case 0x01, 0x20: break
      default: return nil
      }
    }
  }

  private func limited(_ bits: Int) -> Int { bits & (mask ?? 0o7) }

  /// What the group of the file may.
  var ofGroup: Int { limited(group) }

  /// Whether a user who does not own the file may do something.
  ///
  /// - Parameters:
  ///   - wanted: the bits it takes.
  ///   - groups: the groups that the user is in.
  ///   - group: the group of the file.
  ///   - others: what all others may; bits above the lowest three are not looked at.
  func allows(_ wanted: Int, user: Int, groups: Set<Int>, group: Int, others: Int) -> Bool {
    if let own = users[user] { return limited(own) & wanted == wanted }
    var ofGroups = self.groups.filter { groups.contains($0.key) }.map(\.value)
    if groups.contains(group) { ofGroups.append(self.group) }
    // One group that allows is enough, and none falls back to what others may.
    guard ofGroups.isEmpty else { return ofGroups.contains { limited($0) & wanted == wanted } }
    return others & wanted == wanted
  }

  /// Reads the list of a path; nil where it has none, and on macOS, whose lists have another form.
  package static func read(_ path: String) -> AccessList? {
    #if canImport(Darwin)
    return nil
    #else
    // Swift's Glibc module leaves sys/xattr.h out, so the function is looked up by its name.
    typealias GetAttribute =
      @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
    guard let found = dlsym(nil, "getxattr") else { return nil }
    let getAttribute = unsafeBitCast(found, to: GetAttribute.self)
    // The kernel's limit for an attribute's value.
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = bytes.withUnsafeMutableBytes {
      getAttribute(path, "system.posix_acl_access", $0.baseAddress, $0.count)
    }
    return count > 0 ? AccessList(Array(bytes.prefix(count))) : nil
    #endif
  }
}
