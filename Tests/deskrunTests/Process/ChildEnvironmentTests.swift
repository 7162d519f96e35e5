import Foundation
import TestSupport
import Testing

/// No command starts a program with a token in its environment.
@Suite(.ownThreads) struct ChildEnvironmentTests {
  private static let secrets = [
    "DESKRUN_GITHUB_TOKEN": "ghp_ours0000000000000000000000000000000",
    "GH_TOKEN": "ghp_gh000000000000000000000000000000000",
    "GITHUB_TOKEN": "ghp_actions0000000000000000000000000000",
    "GH_ENTERPRISE_TOKEN": "ghp_ent00000000000000000000000000000000",
    "GITHUB_ENTERPRISE_TOKEN": "ghp_enterprise0000000000000000000000000",
    "NAMED_BY_OPTION": "ghp_option00000000000000000000000000000",
  ]

  @Test func `no command hands a token to the programs it starts`() async throws {
    // With a proxy, as usual: without one, each request would be another process of the same kind.
    let tools = try await StandInTools(hasProxy: true, "{ echo \"== $0 $*\"; env; } >>\"$NOTES\"")
    var environment = tools.environment.merging(Self.secrets) { $1 }
    environment["ORDINARY"] = "kept"
    // These start the same programs as the first ones.
    let others = Rounds.soak == nil ? [] : [["why"], ["events"], ["edit", "web-ci", "--max-runners", "4"]]
    let commands: [[String]] = [
      ["status"], ["doctor"], ["logs", "web-ci", "--tail", "1"], ["up"],
      [
        "add", "named", "-r", "https://github.com/acme/web", "--auth-value", "env:NAMED_BY_OPTION", "--store",
        "reference", "--min-runners", "0",
      ],
      ["scale", "named", "--max", "2"],
      ["cluster", "status"], ["remove", "named", "--yes"], ["tui", "--snapshot", "100x30"],
    ]
    for command in commands + others {
      // A variable is only known to be a secret while something refers to it.
      let refers = command.contains("named")
      environment["NAMED_BY_OPTION"] = refers ? Self.secrets["NAMED_BY_OPTION"] : nil
      try? FileManager.default.removeItem(atPath: tools.notes)
      let outcome = try DeskrunBinary.run(command, environment: environment)
      #expect(tools.noted.contains("ORDINARY=kept"), "\(command) started nothing: \(outcome.errors)")
      let all = Array(Self.secrets.values) + [environment["DESKRUN_DEMO_TOKEN"] ?? ""]
      let told = tools.noted.split(separator: "\n").filter { line in all.contains { line.contains($0) } }
      #expect(told == [], "\(command)")
    }
  }
}
