/// Text that looks like a secret, whatever its source: GitHub tokens, by their documented prefixes, and private keys.
package enum SecretShapes {
  /// All start with `g`: `masked` and `isSecret` skip other bytes.
  private static let tokenPrefixes = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"].map { Array($0.utf8) }
  private static let keyBegin = Array("-----BEGIN ".utf8)
  private static let keyEnd = Array("-----END ".utf8)

  /// The text with such secrets replaced by `ghp_…` or `(a private key)`.
  package static func masked(_ text: String) -> String {
    var text = text
    let masked = text.withUTF8 { bytes in
      // All start with one of two letters, which are rare where a secret could start.
      mayHold(bytes) ? mask(bytes) : nil
    }
    return masked.map { String(decoding: $0, as: UTF8.self) } ?? text
  }

  /// The number of letters and digits after a prefix that makes it a token rather than a name with the same prefix.
  private static let tokenLength = 16

  /// Whether the text contains a whole token or a private key, which means it was entered in the wrong place.
  package static func isSecret(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    if bytes.count == 40, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) { return true }
    return bytes.indices.contains { at in
      // All start with one of two letters.
      guard bytes[at] == UInt8(ascii: "g") || bytes[at] == UInt8(ascii: "-") else { return false }
      let rest = bytes[at...]
      if rest.starts(with: keyBegin) { return true }
      guard let prefix = tokenPrefixes.first(where: { rest.starts(with: $0) }) else { return false }
      return rest.dropFirst(prefix.count).prefix(while: isToken).count >= tokenLength
    }
  }

  private static func mayHold(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count >= 4 else { return false }
    for at in 0..<bytes.count - 3 {
      if bytes[at] == UInt8(ascii: "g"), bytes[at + 1] == UInt8(ascii: "h") || bytes[at + 1] == UInt8(ascii: "i") {
        return true
      }
      if bytes[at] == UInt8(ascii: "-"), bytes[at + 1] == UInt8(ascii: "-"), bytes[at + 2] == UInt8(ascii: "-") {
        return true
      }
    }
    return false
  }

  private static func mask(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let rest = bytes[at...]
      if bytes[at] == UInt8(ascii: "-"), rest.starts(with: keyBegin), isKey(bytes, at + keyBegin.count) {
        result += Array("(a private key)".utf8)
        at = afterKey(bytes, at)
      } else if bytes[at] == UInt8(ascii: "g"), let prefix = tokenPrefixes.first(where: { rest.starts(with: $0) }) {
        result += prefix + Array("…".utf8)
        let start = at + prefix.count
        at = start
        while at < bytes.count, isToken(bytes[at]) { at += 1 }
        // App installation tokens may contain dots and hyphens; a sentence that continues after one is shorter.
        if prefix.elementsEqual("ghs_".utf8) {
          var end = start
          while end < bytes.count, isToken(bytes[end]) || bytes[end] == 0x2E || bytes[end] == 0x2D { end += 1 }
          if end - start >= 36 { at = end }
        }
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return result
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), 0x80...: true
    default: false
    }
  }

  /// Whether the label of a key follows rather than a sentence about keys.
  private static func isKey(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    var at = start
    while at < bytes.count, bytes[at] == 0x20 || (0x41...0x5A).contains(bytes[at]) || (0x30...0x39).contains(bytes[at])
    {
      at += 1
    }
    return at + 5 <= bytes.count && bytes[at..<at + 5].allSatisfy { $0 == UInt8(ascii: "-") }
  }

  /// The position after a private key; the end of the text if its end marker is missing.
  private static func afterKey(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var at = start
    while at < bytes.count, !bytes[at...].starts(with: keyEnd) { at += 1 }
    at = min(bytes.count, at + keyEnd.count)
    while at < bytes.count, bytes[at] != UInt8(ascii: "-") { at += 1 }
    while at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    return at
  }
}
