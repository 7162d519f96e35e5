import Basics

/// The version that a program reports.
package struct ToolVersion: Sendable, Equatable {
  /// As reported.
  package var text: String
  /// The numbers in it, or nil if there are none.
  package var numbers: [Int]?

  /// Parses the version in a text such as `v1.32.4`, `v4.1.4+g05fa379` or `kind v0.32.0 go1.27.3 linux/amd64`.
  package init(text: String) {
    let words = text.split(whereSeparator: { $0.isWhitespace })
    let version = words.first { word in (word.first == "v" ? word.dropFirst() : word).first?.isNumber == true }
    self.text = SafeText.line(String((version.map(String.init) ?? text).prefix(60)))
    numbers = version.flatMap { word in
      let core = (word.first == "v" ? word.dropFirst() : word).prefix { $0.isNumber || $0 == "." }
      let numbers = core.split(separator: ".").compactMap { Int(written: $0) }
      return numbers.isEmpty ? nil : numbers
    }
  }

  /// The first number.
  package var major: Int? { numbers?.first }

  /// The oldest supported version. Helm: 3.8 added charts from registries; kubectl: server-side apply is tested with
  /// 1.20; kind: containerd nodes without `kubeadm` quirks since 0.20.
  package static func oldest(of tool: ToolName) -> [Int]? {
    switch tool {
    case .kubectl: [1, 20]
    case .helm: [3, 8]
    case .kind: [0, 20]
    case .docker, .gh, .openssl, .curl: nil
    }
  }
}
