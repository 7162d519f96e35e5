import Foundation
import TestSupport
import Testing
import ToolsTestSupport

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

/// The environment of child processes.
@Suite struct SecretVariablesTests {
  private func names(_ environment: [String: String], keeping kept: Set<String> = []) async throws -> Set<String> {
    var call = ToolCall("/usr/bin/env", [], environment: environment)
    call.keptSecrets = kept
    let lines = try await SystemToolRunner().run(call).outputText.split(separator: "\n")
    return Set(lines.compactMap { $0.split(separator: "=").first.map(String.init) })
  }

  @Test func `the tokens of GitHub's tools are taken out`() async throws {
    let secrets = [
      "DESKRUN_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN",
    ]
    var environment = Dictionary(uniqueKeysWithValues: secrets.map { ($0, "ghp_x") })
    environment["GITHUB_ACTOR"] = "me"
    #expect(try await names(environment) == ["GITHUB_ACTOR"])
  }

  @Test func `so are the variables that are referred to`() async throws {
    _ = try CredentialArgument("env:TEST_OF_ARGUMENT")
    let folder = try TemporaryFolder()
    // The second entry is otherwise invalid, but its variable is still a secret.
    try folder.write(
      """
      {"installations": {
        "one": {"Name": "one", "Repository": "https://github.com/a/b", "ContainerMode": "kubernetes",
                "AuthValue": "env:TEST_OF_ENTRY", "AuthReference": "env"},
        "two": {"Name": 5, "AuthValue": "env:TEST_OF_DAMAGED", "AuthReference": "env"},
        "three": {"AuthValue": "env:TEST_OF_LITERAL"}}}
      """, to: "config.json")
    _ = try ConfigurationStore(paths: Paths(environment: ["DESKRUN_HOME": folder.path, "HOME": "/"])).load()
    let environment = [
      "TEST_OF_ARGUMENT": "a", "TEST_OF_ENTRY": "b", "TEST_OF_DAMAGED": "c", "TEST_OF_LITERAL": "d",
    ]
    #expect(try await names(environment) == ["TEST_OF_LITERAL"])
  }

  @Test func `gh has what it needs`() async throws {
    let folder = try TemporaryFolder()
    let gh = try folder.write(
      "#!/bin/sh\necho \"$GH_TOKEN-$DESKRUN_GITHUB_TOKEN-end\"\n", to: "gh", mode: 0o755)
    let toolbox = Toolbox(
      runner: SystemToolRunner(),
      environment: ["DESKRUN_GH": gh, "GH_TOKEN": "gho_of_gh", "DESKRUN_GITHUB_TOKEN": "ghp_ours"],
      target: .kind(cluster: "deskrun", kubeconfig: nil))
    #expect(try await toolbox.gh().token(host: "github.com") == Secret("gho_of_gh--end"))
  }

  @Test func `a program at the terminal has none either`() async throws {
    var call = shell("test -z \"$GITHUB_TOKEN\" && test \"$ORDINARY\" = kept")
    call.environment["GITHUB_TOKEN"] = "ghp_x"
    call.environment["ORDINARY"] = "kept"
    #expect(try await ForegroundProcess.run(call) == .code(0))
  }
}
