import Basics

/// The Helm values of the controller, for chart `ARCCharts.controllerChart`.
package enum ControllerValues {
  /// One replica, logs in a format that people and `ControllerLog` can read, and deskrun's label.
  package static func json(owner: String) -> JSONValue {
    [
      "replicaCount": 1, "flags": ["logLevel": "info"],
      "labels": .object([OwnershipMark.managed: "true", OwnershipMark.owner: .string(owner)]),
    ]
  }
  /// The values set by version 0.1.0, which did not label it.
  package static let earlier: JSONValue = OwnershipMark.unmarked(json(owner: ""))
}
