import ARC
import Basics

/// A scale set that must be removed and deployed again, because GitHub reads some of its settings only at registration:
/// later changes have no effect.
package struct Recreation: Sendable, Equatable {
  /// The old and new value of such a setting.
  package enum Change: Sendable, Equatable {
    case url(from: String, to: String)
    case group(from: String?, to: String?)
    case labels(from: [String], to: [String])

    /// The setting's name on the command line.
    var name: String {
      switch self {
      case .url: "URL"
      case .group: "runner group"
      case .labels: "labels"
      }
    }

    var words: String {
      func list(_ labels: [String]) -> String { labels.isEmpty ? "none" : labels.sorted().joined(separator: ", ") }
      return switch self {
      case .url(let old, let new): "URL \(old) -> \(new)"
      case .group(let old, let new): "runner group \(old ?? "Default") -> \(new ?? "Default")"
      case .labels(let old, let new): "labels \(list(old)) -> \(list(new))"
      }
    }
  }

  /// The Helm release of the scale set.
  package let scaleSet: String
  /// The changes, at least one.
  package let changes: [Change]

  /// The differences between a deployed scale set and the desired one; nil if none requires recreation.
  init?(from deployed: DeployedScaleSet, to wanted: ScaleSetDeployment) {
    var changes: [Change] = []
    let input = wanted.values.input
    if !Readiness.isSame(deployed.url, input.githubURL) {
      changes.append(.url(from: SafeText.line(deployed.url), to: input.githubURL))
    }
    let group = ScaleSetSettings.group(wanted.merged.json["runnerGroup"]?.stringValue)
    if deployed.group != group {
      changes.append(.group(from: deployed.group.map { SafeText.line($0) }, to: group.map { SafeText.line($0) }))
    }
    if Set(deployed.labels) != Set(input.labels) {
      changes.append(.labels(from: deployed.labels.map { SafeText.line($0) }, to: input.labels))
    }
    guard !changes.isEmpty else { return nil }
    scaleSet = wanted.name
    self.changes = changes
  }

  /// The settings that change: `URL and labels`.
  package var names: String { changes.map(\.name).joined(separator: " and ") }

  /// What happens and why, in a sentence or two.
  package var sentence: String {
    "The scale set \(scaleSet) will be recreated (\(changes.map(\.words).joined(separator: "; "))): GitHub reads this only "
      + "when a scale set is registered. Running jobs finish first; until it is ready again, new jobs stay queued."
  }
}
