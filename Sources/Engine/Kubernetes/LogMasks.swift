/// Values that a job asked to hide (`::add-mask::…`), which are masked in later lines, as in GitHub's logs. They are
/// not deskrun's secrets, so they are known only for this log.
package struct LogMasks: Sendable, Equatable {
  /// What replaces a value.
  package static let sign = "***"
  /// The maximum number of values per log: each line is searched for all of them.
  private static let limit = 256

  /// Longest first, so that a value that is part of another does not leave the rest visible.
  private var values: [[UInt8]] = []

  package init() {}

  package var isEmpty: Bool { values.isEmpty }

  package mutating func learn(_ secrets: [String]) {
    for secret in secrets {
      let bytes = Array(secret.utf8)
      guard !bytes.isEmpty, values.count < Self.limit, !values.contains(bytes) else { continue }
      values.insert(bytes, at: values.firstIndex { $0.count < bytes.count } ?? values.count)
    }
  }

  /// The text with these values masked; nil if it contains none.
  package func masked(_ text: String) -> String? {
    guard !values.isEmpty else { return nil }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var copied = 0
    var at = 0
    while at < bytes.count {
      if let length = match(bytes, at) {
        result += bytes[copied..<at] + Array(Self.sign.utf8)
        at += length
        copied = at
      } else {
        at += 1
      }
    }
    return copied == 0 ? nil : String(decoding: result + bytes[copied...], as: UTF8.self)
  }

  private func match(_ bytes: [UInt8], _ at: Int) -> Int? {
    for value in values where value[0] == bytes[at] && value.count <= bytes.count - at {
      if (1..<value.count).allSatisfy({ bytes[at + $0] == value[$0] }) { return value.count }
    }
    return nil
  }
}
