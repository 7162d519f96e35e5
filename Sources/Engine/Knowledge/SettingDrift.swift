import ARC
import Basics
import Installations

/// A setting of a scale set that differs between the configuration and the cluster: it was changed with Helm or
/// kubectl.
package struct SettingDrift: Sendable, Equatable {
  /// The setting, by its key in JSON.
  package enum Setting: String, Sendable, CaseIterable {
    case url, minRunners, maxRunners, runnerGroup, labels, image

    /// Its name in sentences.
    package var title: String {
      switch self {
      case .url: "URL"
      case .minRunners: "min runners"
      case .maxRunners: "max runners"
      case .runnerGroup: "runner group"
      case .labels: "labels"
      case .image: "image"
      }
    }
  }

  package var scaleSet: String
  package var setting: Setting
  /// The configured value, for display.
  package var configured: String
  /// The value in the cluster, for display. Untrusted: it is sanitized when printed.
  package var cluster: String

  /// Both values on one line.
  package var sentence: String {
    "\(setting.title) of \(scaleSet): \(configured) in the configuration, \(cluster) in the cluster"
  }

  /// The differences between a desired and an existing scale set, in the order of `Setting`.
  package static func list(wanted: ScaleSetSettings, found: ScaleSetSettings) -> [SettingDrift] {
    var all: [SettingDrift] = []
    func differs(_ setting: Setting, _ configured: String, _ cluster: String) {
      all.append(
        SettingDrift(
          scaleSet: SafeText.line(wanted.scaleSet), setting: setting, configured: SafeText.line(configured),
          cluster: SafeText.line(cluster)))
    }
    func list(_ labels: [String]) -> String { labels.isEmpty ? "none" : Set(labels).sorted().joined(separator: ", ") }
    func limit(_ maximum: Int?) -> String { maximum.map(String.init) ?? "no limit" }
    if !Readiness.isSame(wanted.url, found.url) { differs(.url, wanted.url, found.url.isEmpty ? "none" : found.url) }
    if wanted.minimum != found.minimum { differs(.minRunners, String(wanted.minimum), String(found.minimum)) }
    if wanted.maximum != found.maximum { differs(.maxRunners, limit(wanted.maximum), limit(found.maximum)) }
    if wanted.group != found.group { differs(.runnerGroup, wanted.group ?? "Default", found.group ?? "Default") }
    if Set(wanted.labels) != Set(found.labels) { differs(.labels, list(wanted.labels), list(found.labels)) }
    if wanted.image != found.image { differs(.image, wanted.image ?? "none", found.image ?? "none") }
    return all
  }

  /// The differences between an installation and its scale sets in the cluster.
  ///
  /// - Parameter image: the runner's desired image, including values files.
  package static func list(_ installation: Installation, image: String, found: [ScaleSetSettings]) -> [SettingDrift] {
    installation.scaleSets.flatMap { spec -> [SettingDrift] in
      guard let found = found.first(where: { $0.scaleSet == spec.name }) else { return [] }
      return list(
        wanted: ScaleSetSettings(
          scaleSet: spec.name, url: installation.target.url, minimum: spec.runners.minimum,
          maximum: spec.runners.maximum, group: installation.settings.runnerGroup, labels: installation.labels,
          image: image),
        found: found)
    }
  }
}
