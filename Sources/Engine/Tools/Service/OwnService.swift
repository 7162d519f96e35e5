/// A service that deskrun can install in the user's service manager.
package enum OwnService: String, Sendable, CaseIterable {
  /// Starts the stopped cluster at the start of the user's session, then ends.
  case up = "deskrun-up"
  /// Records the history of jobs.
  case record = "deskrun-record"

  package var summary: String {
    switch self {
    case .up: "The cluster of deskrun's GitHub Actions runners"
    case .record: "History and logs of GitHub Actions jobs (deskrun)"
    }
  }

  /// The command that it runs, without options.
  package var arguments: [String] {
    switch self {
    case .up: ["up", "--at-boot"]
    case .record: ["record"]
    }
  }

  /// Whether the program does something and ends; otherwise it keeps running, and is restarted when it fails.
  package var isOneShot: Bool { self == .up }

  /// Its name in systemd.
  package var unit: String { "\(rawValue).service" }

  /// Its name in launchd.
  package var label: String { rawValue.replacing("-", with: ".") }
}
