import Basics

/// How lists of a pod are merged: item by item, by the key that tells their items apart, as Kubernetes merges them.
/// Every other list replaces the one before it.
enum MergeKey {
  /// The key of a list, by the name under which it is.
  static func of(list: String) -> String? {
    switch list {
    case "containers", "initContainers", "volumes", "env": "name"
    case "volumeMounts": "mountPath"
    default: nil
    }
  }

  /// Whether an item replaces the one of its key as a whole. A variable has one source, a volume one kind; two in one
  /// are refused by the API server.
  static func replacesItems(of list: String) -> Bool { list == "env" || list == "volumes" }
}
