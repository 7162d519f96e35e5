import Basics

/// How lists of a pod are merged: item by item, identified by a key, as in Kubernetes. Any other list replaces the
/// previous one.
enum MergeKey {
  /// The merge key of the list with this name.
  static func of(list: String) -> String? {
    switch list {
    case "containers", "initContainers", "volumes", "env": "name"
    case "volumeMounts": "mountPath"
    default: nil
    }
  }

  /// Whether an item completely replaces the one with the same key. A variable has one source and a volume one type;
  /// the API server rejects two.
  static func replacesItems(of list: String) -> Bool { list == "env" || list == "volumes" }
}
