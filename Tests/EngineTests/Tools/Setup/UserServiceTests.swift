import Foundation
import TestSupport
import Testing

@testable import Basics
@testable import Tools

@Suite struct UserServiceTests {
  private let home: TemporaryFolder
  private let bin: TemporaryFolder

  init() throws { (home, bin) = (try TemporaryFolder(), try TemporaryFolder()) }

  private var environment: [String: String] { ["HOME": home.path, "PATH": bin.path + ":/usr/bin:/bin"] }
  private var services: UserServices { UserServices(runner: SystemToolRunner(), environment: environment) }
  private let service = UserService(
    name: "deskrun-up", summary: "A cluster", command: ["/opt/my tools/deskrun", "up", "--at-boot"],
    environment: [("PATH", "/a b:/c"), ("DESKRUN_HOME", "/home/you/100%")], isOneShot: true)

  private func systemctl(_ script: String) throws {
    try bin.write("#!/bin/sh\necho \"$*\" >>'\(bin.path)/calls'\n\(script)\n", to: "systemctl", mode: 0o755)
  }
  private var calls: [String] {
    ((try? String(contentsOfFile: bin.path + "/calls", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  @Test func `the unit quotes what systemd would read otherwise`() {
    #expect(
      service.unit == """
        \(UserService.mark)
        [Unit]
        Description=A cluster

        [Service]
        Type=oneshot
        Environment="PATH=/a b:/c"
        Environment=DESKRUN_HOME=/home/you/100%%
        ExecStart="/opt/my tools/deskrun" up --at-boot

        [Install]
        WantedBy=default.target

        """)
    #expect(UserService.quoted("$HOME\"\\", isCommand: true) == "\"$$HOME\\\"\\\\\"")
  }

  @Test func `no variable with a secret is kept`() {
    let kept = UserService.kept(of: ["PATH": "/bin", "GH_TOKEN": "x", "DESKRUN_GITHUB_TOKEN": "x", "KUBECONFIG": ""])
    #expect(kept.map(\.name) == ["PATH"])
  }

  @Test func `installing writes and enables it, removing leaves nothing`() async throws {
    try systemctl("")
    let path = try await services.install(service)
    #expect(path == home.path + "/.config/systemd/user/deskrun-up.service")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == service.unit)
    #expect(calls == ["--user daemon-reload", "--user enable deskrun-up.service"])
    #expect(services.installed() == ["deskrun-up"])
    #expect(try await services.remove("deskrun-up") == path)
    #expect(services.installed() == [])
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try await services.remove("deskrun-up") == nil)
  }

  @Test func `where systemd refuses nothing is left`() async throws {
    try systemctl("echo 'Failed to connect to bus' >&2; exit 1")
    let error = await #expect(throws: EngineError.self) { try await services.install(service) }
    #expect(error?.why == "Failed to connect to bus")
    #expect(services.installed() == [])
  }

  @Test func `another's unit of the same name is neither replaced nor removed`() async throws {
    try systemctl("")
    let folder = home.path + "/.config/systemd/user"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try home.write("[Service]\n", to: ".config/systemd/user/deskrun-up.service")
    await #expect(throws: EngineError.self) { try await services.install(service) }
    #expect(try await services.remove("deskrun-up") == nil)
    #expect(FileManager.default.fileExists(atPath: folder + "/deskrun-up.service"))
    #expect(calls == [])
  }
}
