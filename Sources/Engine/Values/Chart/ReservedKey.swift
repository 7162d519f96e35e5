import Basics

/// Labels and annotations that the chart, Helm, the controller or deskrun sets and reads.
enum ReservedKey {
  /// Why a key may not be in values; nil for one that may.
  static func reason(_ key: String) -> String? {
    if key == "app.kubernetes.io/version" {
      return "ARC's controller deletes a scale set whose app.kubernetes.io/version is not the controller's version"
    }
    if key.hasPrefix("deskrun/") { return "deskrun recognizes what it deployed by it" }
    if key.hasPrefix("actions.github.com/") || key.hasSuffix(".actions.github.com") {
      return "ARC's controller keeps its own state there"
    }
    let ofHelm = ["instance", "name", "part-of", "component", "managed-by"].map { "app.kubernetes.io/\($0)" }
    if ofHelm.contains(key) || key == "helm.sh/chart" {
      return "ARC's chart sets it, and its controller finds the objects of a scale set by it"
    }
    return nil
  }

  /// The reserved keys of a values file's labels and annotations, each with the path to it.
  static func found(_ root: YAMLNode) -> [(path: String, member: YAMLMember, reason: String)] {
    var places = [("labels", root["labels"]), ("annotations", root["annotations"])]
    for member in root["resourceMeta"]?.members ?? [] {
      for part in ["labels", "annotations"] {
        places.append(("resourceMeta.\(SafeText.line(member.key)).\(part)", member.value[part]))
      }
    }
    return places.flatMap { path, node in
      (node?.members ?? []).compactMap { member in
        reason(member.key).map { ("\(path).\"\(SafeText.line(member.key))\"", member, $0) }
      }
    }
  }

  /// Labels, annotations or `resourceMeta` without them; nil when nothing is left.
  static func removed(from member: YAMLMember) -> YAMLMember? {
    var member = member
    guard let inner = member.value.members else { return member }
    switch member.key {
    case "labels", "annotations":
      let kept = inner.filter { reason($0.key) == nil }
      guard kept.count < inner.count else { return member }
      member.value.content = .map(kept)
      return kept.isEmpty ? nil : member
    case "resourceMeta":
      member.value.content = .map(
        inner.map { resource in
          var resource = resource
          guard let parts = resource.value.members else { return resource }
          resource.value.content = .map(parts.compactMap(removed))
          return resource
        })
      return member
    default: return member
    }
  }
}
