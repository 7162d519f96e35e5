import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Tools

/// The permissions of jobs for folders of the user.
@Suite struct FolderAccessTests {
  private func installation(_ mount: String, mode: ContainerMode = .kubernetes) throws -> Installation {
    try Installation(
      name: InstallationName("web-ci"), target: GitHubTarget("https://github.com/acme/web"), mode: mode,
      mounts: [try Mount(mount)], authentication: .token(.literal(Secret("ghp_0123456789abcdef0123"))))
  }

  private func lack(_ access: FolderAccess, mode: ContainerMode = .kubernetes, mount: String = "/srv/a:/a")
    throws -> FolderAccess.Lack?
  {
    FolderAccess.lacks(of: try installation(mount, mode: mode), cacheRoot: "/c") { _ in access }.first
  }

  @Test func `a folder of the user may not be written by the runner`() throws {
    let lack = try #require(try lack(FolderAccess(owner: 1000, group: 1000, permissions: 0o755)))
    #expect(lack.finding.contains("run as user 1001 and may not write /srv/a (mode 0755, owner 1000"))
    #expect(lack.fix.contains("setfacl -m u:1001:rwx /srv/a"))
  }

  @Test func `a private folder may not even be read`() throws {
    let lack = try #require(try lack(FolderAccess(owner: 1000, group: 1000, permissions: 0o700)))
    #expect(lack.finding.contains("may not read or write"))
  }

  @Test(arguments: [
    FolderAccess(owner: 1001, group: 1000, permissions: 0o700), FolderAccess(owner: 0, group: 1001, permissions: 0o770),
    FolderAccess(owner: 1000, group: 1000, permissions: 0o777),
  ])
  func `what the runner may use is not warned of`(access: FolderAccess) throws {
    #expect(try lack(access) == nil)
  }

  @Test func `root lacks nothing`() throws {
    #expect(
      try lack(FolderAccess(owner: 1000, group: 1000, permissions: 0o700), mode: .cachedPrivilegedKubernetes) == nil)
  }

  @Test func `runners are in the group of a socket that lets it in`() throws {
    let docker = FolderAccess(owner: 0, group: 998, permissions: 0o660, isSocket: true)
    #expect(docker.socketGroup == 998)
    #expect(try lack(docker, mount: "/run/a.sock:/var/run/a.sock:Socket") == nil)
    let closed = FolderAccess(owner: 0, group: 998, permissions: 0o600, isSocket: true)
    #expect(closed.socketGroup == nil)
    let lack = try #require(try lack(closed, mount: "/run/a.sock:/var/run/a.sock:Socket"))
    #expect(lack.finding.contains("may not connect to /run/a.sock"))
  }
}
