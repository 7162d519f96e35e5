/// Finds where to cut text that is too long to be kept in full.
package enum TextCut {
  /// How far before a cut to look for the start of an escape sequence, in bytes. Colors take twenty, links a few
  /// hundred.
  package static let reach = 4096

  /// The last position up to `limit` that splits neither a UTF-8 character nor an escape sequence, so that the text
  /// before it can be shown and the rest starts cleanly. `limit` itself if no such position is nearby.
  package static func place(in bytes: UnsafeBufferPointer<UInt8>, upTo limit: Int) -> Int {
    let limit = min(limit, bytes.count)
    let sequence = beginOfOpenSequence(bytes, limit)
    let place = sequence ?? beginOfOpenCharacter(bytes, limit) ?? limit
    return place > 0 ? place : limit
  }

  /// The same for an array.
  package static func place(in bytes: [UInt8], upTo limit: Int) -> Int {
    bytes.withUnsafeBufferPointer { place(in: $0, upTo: limit) }
  }

  /// The start of a character that continues after the cut, or whose remaining bytes have not arrived.
  private static func beginOfOpenCharacter(_ bytes: UnsafeBufferPointer<UInt8>, _ limit: Int) -> Int? {
    var begin = limit
    while begin > 0, limit - begin < 4 {
      begin -= 1
      let byte = bytes[begin]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
      return begin + length > limit ? begin : nil
    }
    return nil
  }

  /// The start of an escape sequence that has not ended before the cut.
  private static func beginOfOpenSequence(_ bytes: UnsafeBufferPointer<UInt8>, _ limit: Int) -> Int? {
    let floor = max(0, limit - reach)
    guard let escape = bytes[floor..<limit].lastIndex(of: 0x1B) else { return nil }
    return isOpen(bytes[escape..<limit]) ? escape : nil
  }

  /// Whether the sequence that starts here is incomplete.
  private static func isOpen(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let second = bytes.dropFirst().first else { return true }
    switch second {
    case UInt8(ascii: "["): return !bytes.dropFirst(2).contains { !(0x20...0x3F).contains($0) }
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      return !bytes.contains(0x07)
    case 0x20...0x2F: return !bytes.dropFirst(1).contains { !(0x20...0x2F).contains($0) }
    default: return false
    }
  }
}
