import Basics
import Synchronization

/// The environment variables that hold secrets. Programs that deskrun starts do not get them: the environment of a
/// process can be read by everything that runs as the same user, and ends up in crash reports.
///
/// The names are those every GitHub tool knows and those that `--auth-value env:NAME` and the configuration refer to.
/// They belong to the process, as its environment does, so that no caller can forget to pass them on.
package enum SecretVariables {
  /// What gh reads its token from.
  static let ofGh: Set<String> = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
  private static let referenced = Lock(ofGh.union(["DESKRUN_GITHUB_TOKEN"]))

  /// From now on no program gets this variable.
  package static func note(_ name: String) {
    referenced.withLock { _ = $0.insert(name) }
  }

  /// Notes the variables that the entries of a configuration refer to, also of entries that cannot be used otherwise.
  package static func note(referencesIn document: JSONValue) {
    guard case .object(let entries)? = document["installations"] else { return }
    for (_, entry) in entries.members where entry["AuthReference"]?.stringValue == "env" {
      guard let value = entry["AuthValue"]?.stringValue, value.hasPrefix("env:") else { continue }
      note(String(value.dropFirst("env:".count)))
    }
  }

  /// The environment without secrets.
  ///
  /// - Parameter kept: names of variables that stay although they hold secrets.
  package static func removed(from environment: [String: String], keeping kept: Set<String>) -> [String: String] {
    let hidden = referenced.withLock { $0 }.subtracting(kept)
    return environment.filter { !hidden.contains($0.key) }
  }
}
