import ARC
import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The permissions of a path on this machine that runners mount. deskrun never changes the user's own files, so it
/// reports which permissions are missing.
package struct FolderAccess: Sendable, Equatable {
  /// The user id in the official runner image.
  package static let runnerUser = 1001
  /// The groups of that user in the image: its own, sudo and docker.
  static let runnerGroups: Set<Int> = [1001, 27, 123]

  /// The user id and group id of the path.
  package var owner: Int
  package var group: Int
  /// The lowest nine mode bits.
  package var permissions: Int
  package var isSocket: Bool
  /// Its access control list; nil without one.
  package var list: AccessList?

  package init(owner: Int, group: Int, permissions: Int, isSocket: Bool = false, list: AccessList? = nil) {
    (self.owner, self.group, self.permissions, self.isSocket) = (owner, group, permissions, isSocket)
    self.list = list
  }

  /// Reads the permissions of a path; nil if it does not exist or cannot be accessed.
  package static func read(_ path: String) -> FolderAccess? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    return FolderAccess(
      owner: Int(info.st_uid), group: Int(info.st_gid), permissions: Int(info.st_mode) & 0o777,
      isSocket: info.st_mode & S_IFMT == S_IFSOCK, list: AccessList.read(path))
  }

  /// The group that may read and write a socket.
  package var socketGroup: Int? {
    let bits = list?.ofGroup ?? permissions >> 3
    return isSocket && bits & 0o6 == 0o6 ? group : nil
  }

  /// The permissions that the jobs' user lacks: `read` (which includes entering) or `write`; empty if none.
  ///
  /// - Parameters:
  ///   - user: the user id; root lacks nothing.
  ///   - groups: the user's groups.
  package func lacking(user: Int, groups: Set<Int>) -> [String] {
    guard user != 0 else { return [] }
    func may(_ wanted: Int) -> Bool {
      if user == owner { return permissions >> 6 & wanted == wanted }
      if let list { return list.allows(wanted, user: user, groups: groups, group: group, others: permissions) }
      return (groups.contains(group) ? permissions >> 3 : permissions) & wanted == wanted
    }
    if isSocket { return may(0o6) ? [] : ["connect"] }
    return (may(0o5) ? [] : ["read"]) + (may(0o2) ? [] : ["write"])
  }

  /// Permissions that jobs of an installation lack at a mounted path, and how to grant them.
  package struct Lack: Sendable, Equatable {
    package var path: String
    /// The fact in a sentence.
    package var finding: String
    package var fix: String
  }

  /// The permissions that jobs of an installation lack at paths provided by the user: mounts, and caches with a source.
  ///
  /// - Parameters:
  ///   - cacheRoot: deskrun's own folder of caches, whose permissions it sets itself.
  ///   - look: reads the permissions of a path; nil if it does not exist yet.
  package static func lacks(
    of installation: Installation, cacheRoot: String, look: (String) -> FolderAccess? = FolderAccess.read
  ) -> [Lack] {
    guard installation.mode != .cachedPrivilegedKubernetes else { return [] }
    var paths: [String] = []
    for path in installation.mounts.map(\.source) + installation.caches.compactMap(\.source)
    where !HostPath.isAtOrBelow(path, cacheRoot) && !HostPath.isAtOrBelow(path, CacheLocation.nodeRoot)
      && !paths.contains(path)
    {
      paths.append(path)
    }
    return paths.compactMap { path in
      guard let access = look(path) else { return nil }
      var groups = runnerGroups
      // Runners are added to the group of a socket.
      if let group = access.socketGroup { groups.insert(group) }
      let lacking = access.lacking(user: runnerUser, groups: groups)
      guard !lacking.isEmpty else { return nil }
      return Lack(
        path: path,
        finding:
          "jobs of \(installation.name) run as user \(runnerUser) and may not \(lacking.joined(separator: " or ")) "
          + "\(access.isSocket ? "to " : "")\(path) (mode 0\(String(access.permissions, radix: 8)), owner \(access.owner), "
          + "group \(access.group)); those with a `container:` run as the user of its image",
        fix: access.isSocket
          ? "Let its group read and write it: sudo chmod g+rw \(word(path))"
          : "Allow it, as far as jobs need it: setfacl -m u:\(runnerUser):rwx \(word(path)); deskrun does not change the "
            + "folder")
    }
  }

  /// The path, quoted for a shell.
  private static func word(_ path: String) -> String {
    let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@".contains($0) }
    return isPlain ? path : "'" + path.replacing("'", with: "'\\''") + "'"
  }
}
