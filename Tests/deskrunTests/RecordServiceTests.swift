import Engine
import Foundation
import TestSupport
import Testing

/// `deskrun record --install-service`, with a fake systemctl.
@Suite(.ownThreads) struct RecordServiceTests {
  private let home: TemporaryFolder
  private var unit: String { home.path + "/.config/systemd/user/deskrun-record.service" }

  init() throws {
    home = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: home.path + "/bin", withIntermediateDirectories: true)
    try systemctl("exit 0")
  }

  private func systemctl(_ body: String) throws {
    try home.write(
      "#!/bin/sh\necho \"$@\" >>'\(home.path)/calls'\n\(body)\n", to: "bin/systemctl", mode: 0o755)
  }

  private var calls: [String] {
    ((try? String(contentsOfFile: home.path + "/calls", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  private func record(_ arguments: [String], _ environment: [String: String] = [:]) throws -> DeskrunBinary.Outcome {
    let usual = ["HOME": home.path, "PATH": "\(home.path)/bin:/usr/bin:/bin"]
    return try DeskrunBinary.run(["record"] + arguments, environment: usual.merging(environment) { $1 })
  }

  private func text() throws -> String { try String(contentsOfFile: unit, encoding: .utf8) }

  #if os(Linux)
  @Test func `it is installed with what it needs, changed and uninstalled`() throws {
    let outcome = try record(
      ["--install-service", "--context", "my $odd %context"],
      ["DESKRUN_HOME": home.path + "/settings", "GH_TOKEN": "ghp_secretsecretsecretsecretsecretsecret"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("deskrun-record is running"))
    #expect(outcome.errors.contains(unit))
    #expect(
      calls
        == ["daemon-reload", "enable deskrun-record.service", "restart deskrun-record.service"].map { "--user " + $0 })
    let text = try text()
    #expect(text.contains(#"ExecStart=\#(DeskrunBinary.path) record --context "my $$odd %%context""#), "\(text)")
    #expect(text.contains("Environment=DESKRUN_HOME=\(home.path)/settings\n"))
    #expect(text.contains("Environment=PATH=\(home.path)/bin:/usr/bin:/bin\n"))
    #expect(!text.contains("ghp_"))

    #expect(try record(["--install-service"]).status == 0)
    #expect(try !self.text().contains("odd"))

    let removal = try record(["--uninstall-service"])
    #expect(removal.status == 0, "\(removal.errors)")
    #expect(!FileManager.default.fileExists(atPath: unit))
    #expect(calls.suffix(2) == ["--user disable --now deskrun-record.service", "--user daemon-reload"])
    let again = try record(["--uninstall-service"])
    #expect(again.status == 0)
    #expect(again.errors.contains("is not installed"))
  }

  @Test func `a unit that somebody else wrote is left alone`() throws {
    try FileManager.default.createDirectory(
      atPath: home.path + "/.config/systemd/user", withIntermediateDirectories: true)
    try home.write("[Service]\nExecStart=/theirs\n", to: ".config/systemd/user/deskrun-record.service")
    for option in ["--install-service", "--uninstall-service"] {
      let outcome = try record([option])
      #expect(outcome.status != 0)
      #expect(outcome.errors.contains("was not written by deskrun"))
    }
    #expect(try text() == "[Service]\nExecStart=/theirs\n")
    #expect(calls == [])
  }

  @Test func `what systemctl says is the reason of the failure`() throws {
    try systemctl("echo 'Failed to connect to bus: No medium found' >&2; exit 1")
    let outcome = try record(["--install-service"])
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("Failed to connect to bus: No medium found"))
    #expect(outcome.errors.contains("XDG_RUNTIME_DIR"))
  }

  @Test func `without a service manager it says what else there is`() throws {
    let outcome = try record(["--install-service"], ["PATH": home.path])
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("systemctl was not found"))
    #expect(!FileManager.default.fileExists(atPath: unit))
  }
  #endif

  @Test func `the demo has no service, and one of both is asked for`() throws {
    #expect(CommandLineAnswer.to(["record", "--install-service", "--demo"]).errors.contains("real cluster"))
    #expect(CommandLineAnswer.to(["record", "--install-service", "--uninstall-service"]).status == 64)
  }
}
