import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The access control list of a folder or socket (POSIX.1e), as set by `setfacl`. It replaces the mode bits for group
/// and others.
package struct AccessList: Sendable, Equatable {
  /// Permissions of individual users, as three mode bits, by user id.
  package var users: [Int: Int] = [:]
  /// Permissions of additional groups, by group id.
  package var groups: [Int: Int] = [:]
  /// Permissions of the file's group.
  package var group = 0
  /// The maximum permissions of users and groups; nil for no limit.
  package var mask: Int?

  /// An empty list.
  package init() {}

  /// Parses the attribute `system.posix_acl_access`: a version, 2, and entries of eight bytes, all little-endian. Nil
  /// for anything else.
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
      // The permissions of the owner and of others are in the mode.
      case 0x01, 0x20: break
      default: return nil
      }
    }
  }

  private func limited(_ bits: Int) -> Int { bits & (mask ?? 0o7) }

  /// The effective permissions of the file's group.
  var ofGroup: Int { limited(group) }

  /// Whether a user who does not own the file has permissions.
  ///
  /// - Parameters:
  ///   - wanted: the permission bits needed.
  ///   - groups: the groups of the user.
  ///   - group: the group of the file.
  ///   - others: the permissions of others; bits above the lowest three are ignored.
  func allows(_ wanted: Int, user: Int, groups: Set<Int>, group: Int, others: Int) -> Bool {
    if let own = users[user] { return limited(own) & wanted == wanted }
    var ofGroups = self.groups.filter { groups.contains($0.key) }.map(\.value)
    if groups.contains(group) { ofGroups.append(self.group) }
    // One group with permission is enough; if none has it, the permissions of others do not apply.
    guard ofGroups.isEmpty else { return ofGroups.contains { limited($0) & wanted == wanted } }
    return others & wanted == wanted
  }

  /// Reads the list of a path; nil if it has none, and on macOS, whose lists have another format.
  package static func read(_ path: String) -> AccessList? {
    #if canImport(Darwin)
    return nil
    #else
    // Swift's Glibc module does not include sys/xattr.h, so the function is looked up by name.
    typealias GetAttribute =
      @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
    guard let found = dlsym(nil, "getxattr") else { return nil }
    let getAttribute = unsafeBitCast(found, to: GetAttribute.self)
    // The kernel's maximum size of an attribute.
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = bytes.withUnsafeMutableBytes {
      getAttribute(path, "system.posix_acl_access", $0.baseAddress, $0.count)
    }
    return count > 0 ? AccessList(Array(bytes.prefix(count))) : nil
    #endif
  }
}
