import Basics

/// ARC's custom resource definitions. Helm installs missing ones and never upgrades them, so a controller may find
/// those of an earlier version.
package enum ResourceDefinitions {
  /// The definition that tells most about the version it came with.
  package static let scaleSets = "autoscalingrunnersets.actions.github.com"
  /// The definition whose earlier version rejects what a later controller writes.
  package static let runnerSets = "ephemeralrunnersets.actions.github.com"

  /// Whether definitions are older than 0.15: a 0.15 controller cannot write its statuses with them. Definitions do not
  /// have a version, so their schemas are compared.
  ///
  /// - Parameters:
  ///   - scaleSets: the definition with that name; nil if it does not exist.
  ///   - runnerSets: the same for that name.
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
