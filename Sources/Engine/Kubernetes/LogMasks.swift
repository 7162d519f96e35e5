/// Values that a job told to be hidden (`::add-mask::…`) and that are not shown in the lines after that, as GitHub does it
/// in its own logs. They are no secrets of deskrun, so they are known only where the log is.
package struct LogMasks: Sendable, Equatable {
  /// What stands for a value.
  package static let sign = "***"
  /// The most values that are known of one log: each line is searched for all.
  private static let limit = 256

  /// The longest first, so that one that is part of another does not leave the rest of it.
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

  /// The text without these values; nil when none is in it.
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
