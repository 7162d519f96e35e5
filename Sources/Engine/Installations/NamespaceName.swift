import ARC
import Basics
import Tools

/// The name of a namespace that runners may live in.
enum NamespaceName {
  /// - Throws: `EngineError` of kind `invalid` for what Kubernetes refuses, and for namespaces of Kubernetes' own.
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
    // The default is kept as none, so that two ways to the same installation are equal.
    return text == ClusterTarget.namespace ? nil : text
  }
}

extension Installation {
  /// The namespace that its runners, its releases and its credentials are in.
  package var namespace: String { settings.namespace ?? ClusterTarget.namespace }
}
