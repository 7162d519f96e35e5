import Basics

/// ARC's custom resource definitions. Helm installs them where they are missing and never upgrades them, so a controller
/// can find those of an earlier version.
package enum ResourceDefinitions {
  /// The one that tells most of the version it came with.
  package static let scaleSets = "autoscalingrunnersets.actions.github.com"
  /// The one whose earlier form refuses what a later controller writes.
  package static let runnerSets = "ephemeralrunnersets.actions.github.com"

  /// Whether definitions are from before 0.15: a controller of 0.15 cannot write its statuses with them. Definitions do
  /// not say their version, so their schemas are looked at.
  ///
  /// - Parameters:
  ///   - scaleSets: the definition of that name; nil when there is none.
  ///   - runnerSets: the same.
  package static func isFromBefore015(scaleSets: JSONValue?, runnerSets: JSONValue?) -> Bool {
    if let status = status(scaleSets), status["properties"]?["observedGeneration"] == nil { return true }
    if let status = status(runnerSets) {
      return status["required"]?.arrayValue?.contains("currentReplicas") == true
    }
    return false
  }

  private static func status(_ definition: JSONValue?) -> JSONValue? {
    let versions = definition?["spec"]?["versions"]?.arrayValue ?? []
    let version = versions.first { $0["name"]?.stringValue == "v1alpha1" }
    return version?["schema"]?["openAPIV3Schema"]?["properties"]?["status"]
  }
}
