import Foundation
import TestSupport

/// Fakes of kubectl, helm, kind and docker: scripts that then run the simulated tools of a demo. deskrun runs without
/// `--demo` with them, as with real ones.
final class StandInTools {
  let demo: DemoFolder
  private let folder: TemporaryFolder
  /// The file that the scripts may write to: `$NOTES`.
  var notes: String { folder.path + "/notes" }

  /// - Parameters:
  ///   - hasProxy: whether kubectl has the command `proxy`.
  ///   - script: what each runs first, in sh. `$0` ends with its name.
  init(speed: Double = 1000, hasProxy: Bool = false, _ script: String) async throws {
    demo = DemoFolder(speed: speed)
    folder = try TemporaryFolder()
    _ = try await demo.run(["list"])
    for name in ["kubectl", "helm", "kind", "docker"] {
      // Without a proxy, each request is a process, so that a script can respond differently.
      let lacksProxy = name == "kubectl" && !hasProxy
      try folder.write(
        """
        #!/bin/sh
        NOTES='\(notes)'
        \(lacksProxy ? #"[ "$1" = proxy ] && { echo 'error: unknown command "proxy" for "kubectl"' >&2; exit 1; }"# : "")
        \(script)
        exec '\(demo.path)/bin/\(name)' "$@"

        """, to: name, mode: 0o755)
    }
  }

  /// The variables that let deskrun use them.
  var environment: [String: String] {
    var environment = [
      "DESKRUN_HOME": demo.path + "/home", "DESKRUN_DEMO_STATE": demo.path + "/state", "HOME": folder.path,
      "KUBECONFIG": demo.path + "/kubeconfig", "DESKRUN_DEMO_TOKEN": "ghp_demodemodemodemodemodemodemodemodemo",
      "DESKRUN_DEMO_HOST": "none",
    ]
    for name in ["kubectl", "helm", "kind", "docker"] {
      environment["DESKRUN_\(name.uppercased())"] = "\(folder.path)/\(name)"
    }
    return environment
  }

  /// The notes written so far.
  var noted: String { (try? String(contentsOfFile: notes, encoding: .utf8)) ?? "" }

  /// Waits until their notes satisfy the condition.
  func waitForNotes(_ isEnough: (String) -> Bool) throws {
    let end = Date().addingTimeInterval(testPatience)
    while !isEnough(noted) {
      guard Date() < end else { throw Session.Failure(description: "only this was noted: \(noted)") }
      usleep(10_000)
    }
  }
}

/// Whether a process with this id exists and is not a zombie.
func isRunning(_ process: pid_t) -> Bool {
  guard kill(process, 0) == 0 else { return false }
  #if os(Linux)
  guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
  return !stat.contains(") Z ")
  #else
  return true
  #endif
}

/// Waits until a process has ended.
func waitUntilGone(_ process: pid_t, seconds: Double = testPatience) -> Bool {
  let end = Date().addingTimeInterval(seconds)
  while isRunning(process) {
    if Date() >= end { return false }
    usleep(10_000)
  }
  return true
}
