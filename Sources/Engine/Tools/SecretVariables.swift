import Basics
import Synchronization

/// The environment variables that contain secrets. Programs that deskrun starts do not get them: every process of the
/// same user can read the environment of a process, and it ends up in crash reports.
///
/// These are the variables known to all GitHub tools, and those that `--auth-value env:NAME` and the configuration
/// refer to. Like the environment, they are global to the process, so that no caller can forget to pass them on.
package enum SecretVariables {
  /// The variables from which gh reads its token.
  static let ofGh: Set<String> = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
  private static let referenced = Lock(ofGh.union(["DESKRUN_GITHUB_TOKEN"]))

  /// From now on, no program gets this variable.
  package static func note(_ name: String) {
    referenced.withLock { _ = $0.insert(name) }
  }

  /// Adds the variables that the entries of a configuration refer to, including invalid entries.
  package static func note(referencesIn document: JSONValue) {
    guard case .object(let entries)? = document["installations"] else { return }
    for (_, entry) in entries.members where entry["AuthReference"]?.stringValue == "env" {
      guard let value = entry["AuthValue"]?.stringValue, value.hasPrefix("env:") else { continue }
      note(String(value.dropFirst("env:".count)))
    }
  }

  /// The environment without secrets.
  ///
  /// - Parameter kept: names of variables to keep although they contain secrets.
  package static func removed(from environment: [String: String], keeping kept: Set<String>) -> [String: String] {
    let hidden = referenced.withLock { $0 }.subtracting(kept)
    return environment.filter { !hidden.contains($0.key) }
  }
}
