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
  private let service = ServiceDefinition(
    .up, executable: "/opt/my tools/deskrun",
    environment: [
      "PATH": "/a b:/c", "DESKRUN_HOME": "/home/you/100%", "GH_TOKEN": "x", "DESKRUN_GITHUB_TOKEN": "x",
      "KUBECONFIG": "",
    ])

  private func systemctl(_ script: String) throws {
    try bin.write("#!/bin/sh\necho \"$*\" >>'\(bin.path)/calls'\n\(script)\n", to: "systemctl", mode: 0o755)
  }
  private var calls: [String] {
    ((try? String(contentsOfFile: bin.path + "/calls", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  @Test func `the unit quotes what systemd would read otherwise, and has no variable with a secret`() throws {
    #expect(
      try service.unit() == """
        # \(ServiceDefinition.mark)
        [Unit]
        Description=The cluster of deskrun's GitHub Actions runners
        Documentation=man:deskrun-up(1)

        [Service]
        Type=oneshot
        ExecStart="/opt/my tools/deskrun" up --at-boot
        Environment=DESKRUN_HOME=/home/you/100%%
        Environment="PATH=/a b:/c"

        [Install]
        WantedBy=default.target

        """)
  }

  @Test func `words are written as systemd and launchd read them`() throws {
    let definition = ServiceDefinition(
      .record, executable: "/opt/my \"tools\"/deskrun", options: ["--context", #"$a\b<&>"#],
      environment: ["PATH": "/a:/b%c"])
    let unit = try definition.unit()
    #expect(unit.contains(#"ExecStart="/opt/my \"tools\"/deskrun" record --context "$$a\\b<&>""#), "\(unit)")
    #expect(unit.contains("Environment=PATH=/a:/b%%c\n"))
    #expect(unit.contains("Restart=on-failure"))
    let list = try definition.propertyList()
    #expect(list.contains(#"<string>$a\b&lt;&amp;&gt;</string>"#))
    let read = try PropertyListSerialization.propertyList(from: Data(list.utf8), format: nil) as? [String: Any]
    #expect(read?["Label"] as? String == "deskrun.record")
    #expect(read?["ProgramArguments"] as? [String] == definition.command)
    #expect(read?["EnvironmentVariables"] as? [String: String] == ["PATH": "/a:/b%c"])
    #expect(throws: EngineError.self) {
      try ServiceDefinition(.record, executable: "/bin/deskrun\nExecStart=/bin/evil", environment: [:]).unit()
    }
  }

  @Test func `launchd gets an agent, which is found and removed`() async throws {
    try bin.write("#!/bin/sh\necho \"$*\" >>'\(bin.path)/calls'\n", to: "launchctl", mode: 0o755)
    let services = UserServices(runner: SystemToolRunner(), environment: environment, manager: .launchd)
    let file = try await services.install(
      ServiceDefinition(.record, executable: "/bin/deskrun", environment: environment))
    #expect(file == home.path + "/Library/LaunchAgents/deskrun.record.plist")
    #expect(calls.last?.hasPrefix("bootstrap gui/") == true && calls.last?.hasSuffix(file) == true, "\(calls)")
    #expect(services.installed() == [.record])
    #expect(try await services.uninstall(.record) == file)
    #expect(calls.last?.hasPrefix("bootout gui/") == true, "\(calls)")
    #expect(services.installed() == [])
  }

  @Test func `a recorder that systemd does not stop keeps its file`() async throws {
    try systemctl("case \"$*\" in *disable*) echo 'Failed to connect to bus' >&2; exit 1 ;; esac")
    let file = try await services.install(
      ServiceDefinition(.record, executable: "/bin/deskrun", environment: environment))
    let error = await #expect(throws: EngineError.self) { try await services.uninstall(.record) }
    #expect(error?.why == "Failed to connect to bus")
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test func `installing writes and enables it, removing leaves nothing`() async throws {
    try systemctl("")
    let path = try await services.install(service)
    #expect(path == home.path + "/.config/systemd/user/deskrun-up.service")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == service.unit())
    #expect(calls == ["--user daemon-reload", "--user enable deskrun-up.service"])
    #expect(services.installed() == [.up])
    #expect(try await services.uninstall(.up) == path)
    #expect(services.installed() == [])
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try await services.uninstall(.up) == nil)
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
    await #expect(throws: EngineError.self) { try await services.uninstall(.up) }
    #expect(services.installed() == [])
    #expect(FileManager.default.fileExists(atPath: folder + "/deskrun-up.service"))
    #expect(calls == [])
  }
}
