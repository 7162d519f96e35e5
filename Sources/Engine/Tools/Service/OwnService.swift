/// A service that deskrun can have the user's service manager run.
package enum OwnService: String, Sendable, CaseIterable {
  /// Starts the stopped cluster with the user's session, and ends.
  case up = "deskrun-up"
  /// Keeps the history of jobs.
  case record = "deskrun-record"

  package var summary: String {
    switch self {
    case .up: "The cluster of deskrun's GitHub Actions runners"
    case .record: "History and logs of GitHub Actions jobs (deskrun)"
    }
  }

  /// What it runs, without options.
  package var arguments: [String] {
    switch self {
    case .up: ["up", "--at-boot"]
    case .record: ["record"]
    }
  }

  /// Whether the program does something and ends; else it goes on, and is started again when it fails.
  package var isOneShot: Bool { self == .up }

  /// Its name for systemd.
  package var unit: String { "\(rawValue).service" }

  /// Its name for launchd.
  package var label: String { rawValue.replacing("-", with: ".") }
}
