import Synchronization

/// Keeps secrets out of other programs' output that is shown or stored. It masks text that has the shape of a secret,
/// and every secret this process has read, in each form that a program may quote: verbatim, in Base64 (alone or as part
/// of a text such as `user:token` or a document), and percent-encoded. A truncated quotation is found too.
package enum SecretMask {
  /// What replaces a secret.
  package static let sign = "••••••"

  /// Text is compared in pieces of this many bytes; runs of matching pieces are masked as one.
  private static let piece = 8
  private static let shortest = 12

  private struct Known {
    var pieces: Set<UInt64> = []
    /// Hashes of the secrets already added: the secrets themselves are not needed.
    package var seen: Set<Int> = []
  }

  private static let known = Lock(Known())

  /// Adds a secret. Fewer than twelve characters are ignored: masking them would break up other words.
  package static func remember(_ secret: Secret) {
    let text = secret.reveal().trimmingSpaces
    known.withLock { known in
      guard known.seen.insert(text.hashValue).inserted else { return }
      for form in forms(of: text) where form.count >= shortest {
        for start in 0...(form.count - piece) { known.pieces.insert(number(form[start..<start + piece])) }
      }
    }
  }

  /// The text with secrets masked.
  package static func masked(_ text: String) -> String {
    let text = SecretShapes.masked(text)
    return known.withLock { known in
      guard !known.pieces.isEmpty, text.utf8.count >= shortest else { return text }
      return mask(Array(text.utf8), known.pieces).map { String(decoding: $0, as: UTF8.self) } ?? text
    }
  }

  /// - Returns: nil if there is nothing to mask.
  private static func mask(_ bytes: [UInt8], _ pieces: Set<UInt64>) -> [UInt8]? {
    var result: [UInt8] = []
    var copied = 0
    var runStart: Int?
    var runEnd = 0
    func close(into result: inout [UInt8]) {
      guard let start = runStart, runEnd - start >= shortest else { return }
      result += bytes[copied..<start] + Array(sign.utf8)
      copied = runEnd
    }
    var window: UInt64 = 0
    for (at, byte) in bytes.enumerated() {
      window = window << 8 | UInt64(byte)
      guard at >= piece - 1, pieces.contains(window) else { continue }
      let start = at - piece + 1
      if runStart == nil || start > runEnd {
        close(into: &result)
        runStart = max(start, copied)
      }
      runEnd = at + 1
    }
    close(into: &result)
    guard copied > 0 else { return nil }
    return result + bytes[copied...]
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  /// The forms in which a secret may be quoted.
  private static func forms(of text: String) -> [[UInt8]] {
    let whole = Array(text.utf8)
    // Keys are also quoted line by line; their first and last lines are not secret.
    let lines = text.split(whereSeparator: \.isNewline).map { Array($0.utf8) }.filter { !$0.starts(with: "-----".utf8) }
    var forms = lines + (lines.count == 1 ? lines.map(percentEncoded) : [])
    for offset in 0..<3 {
      let base64 = base64(whole, offset: offset)
      forms.append(base64)
      forms.append(base64.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? 0x5F : $0 })
    }
    return forms
  }

  /// The Base64 text that does not depend on its neighbors, for bytes at an offset from a multiple of three.
  private static func base64(_ bytes: [UInt8], offset: Int) -> [UInt8] {
    let text = Array(Base64.encode([UInt8](repeating: 0, count: offset) + bytes).utf8)
    let first = (offset * 8 + 5) / 6
    return Array(text[first..<max(first, (offset + bytes.count) * 8 / 6)])
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
    Array(PercentEncoding.escaped(String(decoding: bytes, as: UTF8.self)).utf8)
  }
}
