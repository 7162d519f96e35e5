import ARC
import Basics
import Tools

/// Validates the name of a namespace for runners.
enum NamespaceName {
  /// - Throws: `EngineError` of kind `invalid` for names that Kubernetes rejects, and for Kubernetes' own namespaces.
  static func checked(_ text: String, _ option: String) throws(EngineError) -> String? {
    let bytes = text.utf8
    // RFC 1123 labels (kubernetes, apimachinery/pkg/util/validation).
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 63, first != 0x2D, last != 0x2D,
      bytes.allSatisfy({ $0.isASCIILetterOrDigit && !(0x41...0x5A).contains($0) || $0 == 0x2D })
    else {
      throw EngineError(
        .invalid, "\(option): \(SafeText.line(text)) is not the name of a namespace",
        fix: "Use at most 63 lowercase letters, digits and `-`")
    }
    guard !text.hasPrefix("kube-") else {
      throw EngineError(
        .invalid, "\(option): \(text) is a namespace of Kubernetes", why: "Jobs run code of their authors there",
        fix: "Use another one, for example ci-runners")
    }
    // The default is stored as nil, so that equivalent installations are equal.
    return text == ClusterTarget.namespace ? nil : text
  }
}

extension Installation {
  /// The namespace of its runners, releases and credentials.
  package var namespace: String { settings.namespace ?? ClusterTarget.namespace }
}
