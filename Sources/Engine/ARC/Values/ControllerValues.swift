import Basics

/// The Helm values of the controller, for chart `ARCCharts.controllerChart`.
package enum ControllerValues {
  /// One replica, log in a form people and `ControllerLog` can read, and the mark that deskrun installed it.
  package static func json(owner: String) -> JSONValue {
    [
      "replicaCount": 1, "flags": ["logLevel": "info"],
      "labels": .object([OwnershipMark.managed: "true", OwnershipMark.owner: .string(owner)]),
    ]
  }
  /// Those that version 0.1.0, which did not mark, gave it.
  package static let earlier: JSONValue = OwnershipMark.unmarked(json(owner: ""))
}
