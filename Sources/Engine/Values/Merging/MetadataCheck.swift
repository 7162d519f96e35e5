import Basics

/// Checks labels and annotations in values by the rules of Kubernetes. From 0.15 on, ARC's chart rejects invalid ones
/// when it is rendered; before, the API server does.
enum MetadataCheck {
  struct Problem {
    var mark: YAMLMark
    var message: String
  }

  /// What the chart rejects in a values file.
  static func problems(_ root: YAMLNode) -> [Problem] {
    var found = labels(root["labels"], "labels") + annotations(root["annotations"], "annotations")
    var places = [("template.metadata", root["template"]?["metadata"])]
    places.append(("listenerTemplate.metadata", root["listenerTemplate"]?["metadata"]))
    for member in root["resourceMeta"]?.members ?? [] {
      places.append(("resourceMeta.\(SafeText.line(member.key))", member.value))
    }
    for (path, metadata) in places {
      found += labels(metadata?["labels"], "\(path).labels")
      found += annotations(metadata?["annotations"], "\(path).annotations")
    }
    return found + scaler(root["listenerConfig"])
  }

  private static func labels(_ node: YAMLNode?, _ path: String) -> [Problem] {
    entries(node, path) { value in
      guard isName(value, canBeEmpty: true) else {
        return "must have at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last"
      }
      return nil
    }
  }

  private static func annotations(_ node: YAMLNode?, _ path: String) -> [Problem] { entries(node, path) { _ in nil } }

  private static func entries(_ node: YAMLNode?, _ path: String, _ check: (String) -> String?) -> [Problem] {
    (node?.members ?? []).compactMap { member in
      let shown = "\(path).\"\(SafeText.line(member.key))\""
      guard isKey(member.key) else {
        return Problem(mark: member.mark, message: "\(shown) is not a key that Kubernetes takes: [PREFIX/]NAME")
      }
      switch member.value.json {
      // It removes a value.
      case .null: return nil
      case .object, .array: return Problem(mark: member.mark, message: "\(shown) must be a string")
      case let value:
        return check(value.stringValue ?? value.encoded()).map {
          Problem(mark: member.mark, message: "the value of \(shown) \($0)")
        }
      }
    }
  }

  /// The keys in the chart's schema, each an integer of at least 1.
  private static func scaler(_ node: YAMLNode?) -> [Problem] {
    var found: [Problem] = []
    for member in node?.members ?? [] where member.key != "scaler" {
      found.append(
        Problem(mark: member.mark, message: "listenerConfig has no key \(SafeText.line(member.key)), only scaler"))
    }
    for member in node?["scaler"]?.members ?? [] {
      let path = "listenerConfig.scaler.\(SafeText.line(member.key))"
      if !["qps", "burst"].contains(member.key) {
        found.append(Problem(mark: member.mark, message: "\(path): the chart has only qps and burst"))
      } else if let number = member.value.json.intValue, number < 1 {
        found.append(Problem(mark: member.mark, message: "\(path) must be at least 1"))
      }
    }
    return found
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  /// Whether a text is a valid name in Kubernetes labels.
  private static func isName(_ text: String, canBeEmpty: Bool) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return canBeEmpty }
    return bytes.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }

  private static func isKey(_ key: String) -> Bool {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, parts.count <= 2, isName(String(name), canBeEmpty: false) else { return false }
    guard parts.count == 2, let prefix = parts.first else { return true }
    return prefix.utf8.count <= 253
      && prefix.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        guard let first = label.utf8.first, let last = label.utf8.last else { return false }
        func isLower(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
        return isLower(first) && isLower(last) && label.utf8.allSatisfy { isLower($0) || $0 == 0x2D }
      }
  }
}
