/// A row filter: all of its words must match, in any order, ignoring case; `!word` excludes.
package struct RowFilter: Sendable {
  private let wanted: [Needle]
  private let unwanted: [Needle]

  package init(_ text: String) {
    let words = text.lowercased().split(separator: " ").map(String.init)
    wanted = words.filter { !$0.hasPrefix("!") }.map(Needle.init)
    unwanted = words.filter { $0.hasPrefix("!") && $0.count > 1 }.map { Needle(String($0.dropFirst())) }
  }

  package var isEmpty: Bool { wanted.isEmpty && unwanted.isEmpty }

  package func matches(_ text: String) -> Bool { matches([text]) }

  /// Whether each word is contained in one of the texts.
  package func matches(_ texts: [String]) -> Bool {
    wanted.allSatisfy { word in texts.contains { word.isIn($0) } }
      && !unwanted.contains { word in texts.contains { word.isIn($0) } }
  }
}

/// A word to search for, ignoring case. Thousands of texts are searched with each key, so ASCII text is compared by
/// bytes.
private struct Needle: Sendable {
  private let text: String
  private let bytes: [UInt8]
  private let isPlain: Bool

  /// - Parameter text: in lower case.
  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    isPlain = bytes.allSatisfy { $0 < 0x80 }
  }

  func isIn(_ text: String) -> Bool {
    guard isPlain else { return text.lowercased().contains(self.text) }
    var text = text
    return text.withUTF8 { found(in: $0) }
  }

  private func found(in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return true }
    guard text.count >= bytes.count else { return false }
    for start in 0...(text.count - bytes.count) where Self.small(text[start]) == first {
      if (1..<bytes.count).allSatisfy({ Self.small(text[start + $0]) == bytes[$0] }) { return true }
    }
    return false
  }

  private static func small(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
