import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// The built program does not change what deskrun does not own.
@Suite(.ownThreads) struct OwnershipJourneyTests {
  /// kind has a live cluster, but docker does not show its node, as with podman beside docker.
  @Test(arguments: [0, 1])
  func `up deletes no cluster that it did not create`(inspectStatus: Int) throws {
    let home = try TemporaryFolder()
    let bin = home.path + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    let scripts = [
      "docker": """
      case "$1" in
        inspect) echo '[]'; exit \(inspectStatus) ;;
        info) echo '{"ServerVersion": "28.2.2"}' ;;
        *) echo 'Docker version 28.2.2, build e6534b4' ;;
      esac
      """,
      "kind": """
      echo "$*" >> '\(home.path)/kind.log'
      case "$1 $2" in
        "get clusters") echo deskrun ;;
        "create cluster") echo 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "deskrun"' >&2; exit 1 ;;
        version*) echo 'kind v0.32.0 go1.27.3 linux/amd64' ;;
      esac
      """,
      "kubectl": """
      case "$1" in
        version) echo '{"clientVersion": {"gitVersion": "v1.36.1"}}' ;;
        config) [ "$2" = get-contexts ] && echo kind-deskrun || { echo 'error: current-context is not set' >&2; exit 1; } ;;
        *) echo 'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?' >&2; exit 1 ;;
      esac
      """,
      "helm": "echo v4.1.4",
    ]
    for (name, script) in scripts { try home.write("#!/bin/sh\n\(script)\n", to: "bin/\(name)", mode: 0o755) }
    try home.write(#"{"cluster_name": "deskrun", "installations": {}}"#, to: "config.json")
    let outcome = try DeskrunBinary.run(
      ["up"], environment: ["DESKRUN_HOME": home.path, "PATH": "\(bin):/usr/bin:/bin"])
    #expect(outcome.status == ExitStatus.unreachable.rawValue, "\(outcome.errors)")
    #expect(outcome.errors.contains("kind lists the cluster deskrun"))
    let log = try String(contentsOfFile: home.path + "/kind.log", encoding: .utf8)
    #expect(!log.contains("delete"))
    #expect(!log.contains("create"))
  }

  @Test func `a release made by hand is adopted and not taken`() async throws {
    let demo = DemoFolder(speed: 60)
    #expect(try await demo.run(["list"]).status == 0)
    let values = #"{"githubConfigUrl": "https://github.com/acme/web", "githubConfigSecret": "mine", "maxRunners": 9}"#
    let helm = try DeskrunBinary.tool(
      demo.path + "/bin/helm",
      [
        "upgrade", "--install", "by-hand", "oci://charts/gha-runner-scale-set", "--version",
        SupportedARC.newest.description,
        "--kube-context", "kind-deskrun", "-f", "-",
      ], environment: ["DESKRUN_DEMO_STATE": demo.path + "/state"], input: values)
    #expect(helm.status == 0, "\(helm.errors)")

    let token = ["--auth-value", "env:DESKRUN_DEMO_TOKEN"]
    let add = try await demo.run(["add", "by-hand", "-r", "https://github.com/acme/web"] + token)
    #expect(add.status == ExitStatus.invalid.rawValue)
    #expect(add.errors.contains("deskrun --demo adopt by-hand"))
    #expect(try await demo.run(["remove", "by-hand", "--yes"]).status == ExitStatus.invalid.rawValue)

    let shown = try await demo.run(
      ["adopt", "by-hand", "--mode", "kubernetes", "--max-runners", "3", "--dry-run"] + token)
    #expect(shown.output.contains("maxRunners: 9 -> 3"), "\(shown.output)\(shown.errors)")
    let adopt = try await demo.run(["adopt", "by-hand", "--mode", "kubernetes", "--yes"] + token)
    #expect(adopt.status == 0, "\(adopt.errors)")
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("by-hand"))
    #expect(try await demo.run(["remove", "by-hand", "--yes", "--now"]).status == 0)
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("by-hand") == false)
  }
}
