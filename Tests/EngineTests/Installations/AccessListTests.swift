import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Tools

/// Access control lists, as written by `setfacl`.
@Suite struct AccessListTests {
  /// The attribute's value for entries of tag, bits and id.
  static func bytes(_ entries: [(tag: UInt16, bits: UInt16, id: UInt32)]) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
    return little(2, 4)
      + entries.flatMap { little(UInt32($0.tag), 2) + little(UInt32($0.bits), 2) + little($0.id, 4) }
  }

  private static let none = UInt32.max
  /// The result of `setfacl -m u:1001:rwx` for a folder with mode 0755.
  static let suggested = bytes([(1, 7, none), (2, 7, 1001), (4, 5, none), (0x10, 7, none), (0x20, 5, none)])

  private func access(_ bytes: [UInt8], permissions: Int = 0o775, isSocket: Bool = false) throws -> FolderAccess {
    FolderAccess(
      owner: 1000, group: 1000, permissions: permissions, isSocket: isSocket, list: try #require(AccessList(bytes)))
  }

  @Test func `after the command that was suggested nothing is missing`() throws {
    #expect(try access(Self.suggested).lacking(user: 1001, groups: [1001]) == [])
    #expect(try access(Self.suggested).lacking(user: 1002, groups: [1002]) == ["write"])
  }

  @Test func `the mask limits users and groups`() throws {
    let none = Self.none
    let limited = Self.bytes([(1, 7, none), (2, 7, 1001), (4, 7, none), (0x10, 5, none), (0x20, 7, none)])
    #expect(try access(limited).lacking(user: 1001, groups: []) == ["write"])
    #expect(try access(limited).lacking(user: 1002, groups: [1000]) == ["write"])
    // Group members do not fall back to the permissions of others.
    let closed = Self.bytes([(1, 7, none), (4, 0, none), (8, 0, 123), (0x10, 7, none), (0x20, 7, none)])
    #expect(try access(closed).lacking(user: 1001, groups: [123]) == ["read", "write"])
    #expect(try access(closed, permissions: 0o777).lacking(user: 1001, groups: [5]) == [])
  }

  @Test func `the group bits of a socket with a list are only its mask`() throws {
    let none = Self.none
    let named = Self.bytes([(1, 6, none), (2, 6, 1001), (4, 0, none), (0x10, 6, none), (0x20, 0, none)])
    let socket = try access(named, permissions: 0o660, isSocket: true)
    #expect(socket.socketGroup == nil)
    #expect(socket.lacking(user: 1001, groups: []) == [])
  }

  @Test(arguments: [[], [1, 0, 0, 0], [2, 0, 0, 0, 1], bytes([(3, 7, 0)])] as [[UInt8]])
  func `what is no list is none`(bytes: [UInt8]) { #expect(AccessList(bytes) == nil) }

  #if os(Linux)
  @Test func `the list of a folder is read`() throws {
    typealias SetAttribute =
      @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer?, Int, Int32) -> Int32
    let set = unsafeBitCast(try #require(dlsym(nil, "setxattr")), to: SetAttribute.self)
    let folder = try TemporaryFolder()
    #expect(AccessList.read(folder.path) == nil)
    let result = Self.suggested.withUnsafeBytes {
      set(folder.path, "system.posix_acl_access", $0.baseAddress, $0.count, 0)
    }
    // The file system does not support lists.
    guard result == 0 else { return #expect([ENOTSUP, EOPNOTSUPP, EPERM].contains(errno)) }
    let access = try #require(FolderAccess.read(folder.path))
    #expect(access.list?.users == [1001: 7])
    #expect(access.lacking(user: 1001, groups: []) == [])
  }
  #endif
}
