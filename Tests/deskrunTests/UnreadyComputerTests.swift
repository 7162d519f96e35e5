import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput

/// What stops a command on this computer stops its dry run too, with the same status and words, and before anything is
/// saved: docs/output.md.
@Suite(.ownThreads) struct UnreadyComputerTests {
  private let home: TemporaryFolder

  init() throws { home = try TemporaryFolder() }

  /// What is wrong.
  enum Trouble: String, CaseIterable {
    case kubectl, helm, kind, docker, engine, rubbish, directory, unreadable

    var status: Int32 {
      switch self {
      case .kubectl, .helm, .kind, .docker: ExitStatus.toolMissing.rawValue
      case .engine, .rubbish, .directory, .unreadable: ExitStatus.unreachable.rawValue
      }
    }

    /// What kubectl says of the kubeconfig; nil if it can be used.
    var complaint: String? {
      switch self {
      case .rubbish: "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value"
      case .directory: "read $KUBECONFIG: is a directory"
      case .unreadable: "open $KUBECONFIG: permission denied"
      default: nil
      }
    }
  }

  /// A computer without the kind cluster, and with an installation that is configured on it and was deployed.
  private func run(_ command: [String], _ trouble: Trouble) throws -> DeskrunBinary.Outcome {
    let fails = trouble.complaint.map {
      #"echo "error: error loading config file \"$KUBECONFIG\": \#($0)" >&2; exit 1"#
    }
    let kubectl = """
      case "$*" in
        *--client*) echo '{"clientVersion": {"gitVersion": "v1.36.1"}}' ;;
        "config get-contexts"*) \(fails ?? ":") ;;
        *) \(fails ?? #"echo 'error: context "kind-deskrun" does not exist' >&2; exit 1"#) ;;
      esac
      """
    var environment = try home.writePrograms(kubectl: kubectl)
    if trouble != .engine {
      let docker = """
        case "$*" in
          info*) echo '{"ServerVersion": "28.0.0"}' ;;
          *inspect*) echo 'Error: No such container: deskrun-control-plane' >&2; exit 1 ;;
          *) echo 28.0.0 ;;
        esac
        """
      try home.write("#!/bin/sh\n\(docker)\n", to: "bin/docker", mode: 0o755)
    }
    let kind = """
      case "$*" in *version*) echo 'kind v0.31.0 go1.25 linux/amd64' ;; *) \(trouble == .engine ? "exit 1" : ":") ;; esac
      """
    try home.write("#!/bin/sh\n\(kind)\n", to: "bin/kind", mode: 0o755)
    // Without the system's folders, where the programs may be too.
    environment["PATH"] = home.path + "/bin"
    environment["KUBECONFIG"] = home.path + "/kubeconfig"
    if ToolName(rawValue: trouble.rawValue) != nil {
      try FileManager.default.removeItem(atPath: "\(home.path)/bin/\(trouble.rawValue)")
    }
    try home.write(Self.configuration, to: "config.json")
    return try DeskrunBinary.run(command, environment: environment)
  }

  private static let configuration =
    #"{"cluster_name": "deskrun", "installations": {"web": {"Name": "web", "Repository": "https://github.com/acme/web", "#
    + #""AuthType": "pat", "AuthValue": "ghp_x"}}}"#

  /// Every command that changes something on this cluster, and how it is confirmed.
  static let commands: [[String]] = [
    ["up"], ["add", "x", "-r", "acme/x", "--auth-value", "ghp_x"], ["scale", "web", "3"],
    ["edit", "web", "--max-runners", "4"], ["upgrade", "--yes"], ["cluster", "create"],
    ["uninstall", "--yes"],
  ]

  @Test(arguments: Trouble.allCases)
  func `a dry run ends as the run, which changes nothing`(trouble: Trouble) throws {
    for command in Self.commands {
      let dry = try run(command + ["--dry-run"], trouble)
      let real = try run(command, trouble)
      #expect(dry.status == trouble.status, "\(command): \(dry.output)\(dry.errors)")
      #expect(real.status == dry.status, "\(command): \(real.errors)")
      #expect(dry.output.isEmpty, "\(command): \(dry.output)")
      let reason = dry.errors.split(separator: "\n").first { $0.hasPrefix("error:") }
      #expect(reason != nil && real.errors.contains(reason ?? "-"), "\(command): \(real.errors)")
      if trouble.complaint != nil {
        #expect(reason?.contains("\(home.path)/kubeconfig cannot be used") == true, "\(command): \(dry.errors)")
        #expect(dry.errors.contains("fix: Correct the file"), "\(command): \(dry.errors)")
      }
      let saved = try String(contentsOfFile: home.path + "/config.json", encoding: .utf8)
      #expect(saved == Self.configuration, "\(command)")
    }
  }

  @Test(arguments: Trouble.allCases)
  func `status and doctor tell it`(trouble: Trouble) throws {
    let json = try run(["up", "--dry-run", "-o", "json"], trouble)
    #expect(json.status == trouble.status && json.output.isEmpty, "\(json.output)")
    let status = try run(["status"], trouble)
    // Without helm or kind, whether the cluster exists is known all the same.
    let isSeen = trouble == .helm || trouble == .kind
    #expect(status.status == (isSeen ? ExitStatus.unreachable.rawValue : trouble.status), "\(status.errors)")
    #expect(status.output.contains("not created") == isSeen, "\(status.output)")
    #expect(try run(["doctor"], trouble).status == ExitStatus.failed.rawValue)
    guard trouble.complaint != nil else { return }
    #expect(status.output.contains("unknown: the kubeconfig cannot be used"), "\(status.output)")
    #expect(status.output.contains("\(home.path)/kubeconfig cannot be used"), "\(status.output)")
    #expect(try run(["status", "-o", "json"], trouble).output.contains(#""kubeconfigInvalid""#))
  }
}
