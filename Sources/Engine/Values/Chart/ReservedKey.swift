import Basics

/// Labels and annotations that the chart, Helm, the controller or deskrun sets and reads.
enum ReservedKey {
  /// What a label or an annotation belongs to.
  enum Owner {
    /// The scale set and the objects that the chart or the controller creates for it.
    case objects
    /// The pods of runners or listeners.
    case pods
  }

  /// Keys without a prefix by which the controller and the runners' hooks recognize what they created.
  private static let bare: Set<String> = [
    "runner-scale-set-id", "actions-ephemeral-runner", "runner-pod", "pod-template-hash",
  ]

  private static let ofHelm: Set<String> = [
    "app.kubernetes.io/version", "app.kubernetes.io/instance", "app.kubernetes.io/name", "app.kubernetes.io/part-of",
    "app.kubernetes.io/component", "app.kubernetes.io/managed-by", "helm.sh/chart",
  ]

  /// Why a key may not be used in values; nil if it may.
  static func reason(_ key: String, of owner: Owner = .objects) -> String? {
    if key == "app.kubernetes.io/version", owner == .objects {
      return "ARC's controller deletes a scale set whose app.kubernetes.io/version is not the controller's version"
    }
    if key.hasPrefix("deskrun/") { return "deskrun recognizes what it deployed by it" }
    if bare.contains(key) || key.hasPrefix("actions.github.com/") || key.hasSuffix(".actions.github.com") {
      return "ARC's controller keeps its own state there"
    }
    guard ofHelm.contains(key) else { return nil }
    return owner == .pods
      ? "ARC's controller and deskrun tell pods apart by such labels"
      : "ARC's chart sets it, and its controller finds the objects of a scale set by it"
  }

  /// Top-level keys of values that contain further mappings of labels and annotations.
  private static let templates: Set<String> = ["template", "listenerTemplate"]

  /// The reserved keys in a values file's labels and annotations, each with its path.
  static func found(_ root: YAMLNode) -> [(path: String, member: YAMLMember, reason: String)] {
    var places = [("", root, Owner.objects)]
    for key in templates.sorted() {
      if let metadata = root[key]?["metadata"] { places.append(("\(key).metadata.", metadata, .pods)) }
    }
    for member in root["resourceMeta"]?.members ?? [] {
      places.append(("resourceMeta.\(SafeText.line(member.key)).", member.value, .objects))
    }
    return places.flatMap { path, node, owner in
      ["labels", "annotations"].flatMap { part in
        (node[part]?.members ?? []).compactMap { member in
          // `null` does not remove what the chart or the controller sets.
          guard member.value.content != .scalar(.null) else { return nil }
          return reason(member.key, of: owner).map { ("\(path)\(part).\"\(SafeText.line(member.key))\"", member, $0) }
        }
      }
    }
  }

  /// A top-level key without the reserved keys in it; nil if no labels or annotations are left.
  static func removed(from member: YAMLMember) -> YAMLMember? {
    var member = member
    guard let inner = member.value.members else { return member }
    switch member.key {
    case "labels", "annotations": return withoutReserved(member)
    case "resourceMeta":
      member.value.content = .map(inner.map(withoutReservedParts))
      return member
    case let key where templates.contains(key):
      member.value.content = .map(inner.map { $0.key == "metadata" ? withoutReservedParts($0) : $0 })
      return member
    default: return member
    }
  }

  private static func withoutReservedParts(_ metadata: YAMLMember) -> YAMLMember {
    var metadata = metadata
    guard let parts = metadata.value.members else { return metadata }
    metadata.value.content = .map(
      parts.compactMap { ["labels", "annotations"].contains($0.key) ? withoutReserved($0) : $0 })
    return metadata
  }

  private static func withoutReserved(_ member: YAMLMember) -> YAMLMember? {
    guard let inner = member.value.members else { return member }
    let kept = inner.filter { reason($0.key) == nil }
    guard kept.count < inner.count else { return member }
    var member = member
    member.value.content = .map(kept)
    return kept.isEmpty ? nil : member
  }
}
