import Synchronization

/// Keeps secrets out of what is shown and stored of other programs' words. What has the shape of a secret is masked, and
/// so is every secret this process has read, in each form in which a program may quote it: as it is, as base 64 of it or
/// of a text it is a part of (`user:token`, a document), and percent-encoded. A quotation that is cut is found too.
package enum SecretMask {
  /// What stands for a secret.
  package static let sign = "••••••"

  /// Pieces of this many bytes are compared, and so many in a row that belong to a secret are one.
  private static let piece = 8
  private static let shortest = 12

  private struct Known {
    var pieces: Set<UInt64> = []
    /// Which were learned, by hash: nobody needs the secrets themselves.
    package var seen: Set<Int> = []
  }

  private static let known = Lock(Known())

  /// Learns a secret. One of less than twelve characters is none: masking it would tear other words.
  package static func remember(_ secret: Secret) {
    let text = secret.reveal().trimmingSpaces
    known.withLock { known in
      guard known.seen.insert(text.hashValue).inserted else { return }
      for form in forms(of: text) where form.count >= shortest {
        for start in 0...(form.count - piece) { known.pieces.insert(number(form[start..<start + piece])) }
      }
    }
  }

  /// The text without secrets.
  package static func masked(_ text: String) -> String {
    let text = SecretShapes.masked(text)
    return known.withLock { known in
      guard !known.pieces.isEmpty, text.utf8.count >= shortest else { return text }
      return mask(Array(text.utf8), known.pieces).map { String(decoding: $0, as: UTF8.self) } ?? text
    }
  }

  /// - Returns: nil when there is nothing to mask.
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

  /// The forms a secret is quoted in.
  private static func forms(of text: String) -> [[UInt8]] {
    let whole = Array(text.utf8)
    // A key is quoted a line at a time as well; its first and last line are no secret.
    let lines = text.split(whereSeparator: \.isNewline).map { Array($0.utf8) }.filter { !$0.starts(with: "-----".utf8) }
    var forms = lines + (lines.count == 1 ? lines.map(percentEncoded) : [])
    for offset in 0..<3 {
      let base64 = base64(whole, offset: offset)
      forms.append(base64)
      forms.append(base64.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? 0x5F : $0 })
    }
    return forms
  }

  /// What is the same in the base 64 of every text in which this one begins so many bytes behind a multiple of three.
  private static func base64(_ bytes: [UInt8], offset: Int) -> [UInt8] {
    let text = Array(Base64.encode([UInt8](repeating: 0, count: offset) + bytes).utf8)
    let first = (offset * 8 + 5) / 6
    return Array(text[first..<max(first, (offset + bytes.count) * 8 / 6)])
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
    Array(PercentEncoding.escaped(String(decoding: bytes, as: UTF8.self)).utf8)
  }
}
