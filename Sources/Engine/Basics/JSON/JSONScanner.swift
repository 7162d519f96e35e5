#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads selected parts of a JSON text and skips the rest without building a tree: deskrun needs a few hundred bytes of
/// a pod's eight kilobytes. It accepts what servers write, gives up on malformed input (`isBroken`), and never reads
/// outside its bytes, whatever they contain.
package struct JSONScanner {
  /// A key of an object, as written in the text.
  package struct Key {
    fileprivate let start: UnsafePointer<UInt8>
    fileprivate let count: Int

    /// Whether the key equals a pattern, which must not need escapes.
    package static func ~= (pattern: StaticString, key: Key) -> Bool {
      pattern.utf8CodeUnitCount == key.count && memcmp(pattern.utf8Start, key.start, key.count) == 0
    }

    /// The key as text, for maps with arbitrary keys.
    package var text: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }
  }

  private let base: UnsafePointer<UInt8>
  private let end: Int
  private var at = 0
  /// Whether the part of the text read so far is malformed.
  private(set) var isBroken = false

  /// Starts before the first byte; must not outlive the buffer.
  fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>) {
    // The base address of an empty buffer may be nil; nothing is read through this one.
    base = bytes.baseAddress ?? Self.nowhere
    end = bytes.count
  }

  private static var nowhere: UnsafePointer<UInt8> { ("" as StaticString).utf8Start }

  /// Scans a text.
  ///
  /// - Throws: what `body` throws, or `JSONParseError` if the part that was read is malformed.
  package static func scan<Result>(_ bytes: ArraySlice<UInt8>, _ body: (inout JSONScanner) throws -> Result) throws
    -> Result
  {
    try bytes.withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer)
      let result = try body(&scanner)
      guard !scanner.isBroken else {
        throw JSONParseError(line: 1, column: scanner.at + 1, message: "this is not JSON, or it ends too early")
      }
      return result
    }
  }

  /// The same for all bytes of an array.
  package static func scan<Result>(_ bytes: [UInt8], _ body: (inout JSONScanner) throws -> Result) throws -> Result {
    try scan(bytes[...], body)
  }

  private mutating func fail() {
    isBroken = true
    at = end
  }

  private mutating func skipSpace() {
    while at < end, base[at] <= 0x20 { at += 1 }
  }

  /// The next byte that is not white space; 0 at the end.
  private mutating func peek() -> UInt8 {
    skipSpace()
    return at < end ? base[at] : 0
  }

  // MARK: Objects and arrays

  /// Calls `body` for each member of an object. Values that `body` does not read are skipped, and so is any value that
  /// is not an object.
  package mutating func object(_ body: (Key, inout JSONScanner) -> Void) {
    guard peek() == UInt8(ascii: "{") else { return skip() }
    at += 1
    if peek() == UInt8(ascii: "}") { return at += 1 }
    while !isBroken {
      guard peek() == UInt8(ascii: "\""), let key = raw() else { return fail() }
      guard peek() == UInt8(ascii: ":") else { return fail() }
      at += 1
      skipSpace()
      let start = at
      body(Key(start: base + key.start, count: key.count), &self)
      if at == start { skip() }
      switch peek() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"): return at += 1
      default: return fail()
      }
    }
  }

  /// Calls `body` for each element of an array; any other value is skipped.
  package mutating func array(_ body: (inout JSONScanner) -> Void) {
    guard peek() == UInt8(ascii: "[") else { return skip() }
    at += 1
    if peek() == UInt8(ascii: "]") { return at += 1 }
    while !isBroken {
      skipSpace()
      let start = at
      body(&self)
      if at == start { skip() }
      switch peek() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"): return at += 1
      default: return fail()
      }
    }
  }

  /// Reads the next value without consuming it.
  package func fork(_ body: (inout JSONScanner) -> Void) {
    var copy = self
    body(&copy)
  }

  // MARK: Values

  /// The string, or nil for any other value.
  package mutating func string() -> String? {
    guard let raw = quoted() else { return nil }
    let bytes = UnsafeBufferPointer(start: base + raw.start, count: raw.count)
    guard raw.isEscaped else { return String(decoding: bytes, as: UTF8.self) }
    var parser = JSONParser(bytes: [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
    return (try? parser.document())?.stringValue
  }

  /// The time in a string, or nil.
  package mutating func time() -> Int64? {
    guard let raw = quoted() else { return nil }
    return Timestamp.parse(UnsafeBufferPointer(start: base + raw.start, count: raw.count))
  }

  /// The integer, or nil for any other value.
  package mutating func int() -> Int? {
    let first = peek()
    guard first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
      skip()
      return nil
    }
    let start = at
    skip()
    return Int(String(decoding: UnsafeBufferPointer(start: base + start, count: at - start), as: UTF8.self))
  }

  /// An integer amount, clamped to a range that is safe for arithmetic; nil for any other value. Use `int` for numbers
  /// that are only identifiers.
  package mutating func amount(within range: ClosedRange<Int> = Bounds.count) -> Int? {
    let first = peek()
    let isNumber = first == UInt8(ascii: "-") || (0x30...0x39).contains(first)
    guard let text = scalar(), isNumber else { return nil }
    return Int(written: text, within: range)
  }

  /// The text of a string, or a number or Boolean as written; nil for any other value, which is skipped.
  package mutating func scalar() -> String? {
    switch peek() {
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "t"), UInt8(ascii: "f"):
      let start = at
      skip()
      return String(decoding: UnsafeBufferPointer(start: base + start, count: at - start), as: UTF8.self)
    default:
      skip()
      return nil
    }
  }

  /// Whether the next value is an object.
  package var isObject: Bool {
    mutating get { peek() == UInt8(ascii: "{") }
  }

  /// The Boolean, or nil for any other value.
  package mutating func bool() -> Bool? {
    let first = peek()
    skip()
    return first == UInt8(ascii: "t") ? true : first == UInt8(ascii: "f") ? false : nil
  }

  /// The number of members of an object; 0 for any other value.
  package mutating func count() -> Int {
    var count = 0
    object { _, _ in count += 1 }
    return count
  }

  // MARK: Passing over

  /// Skips one value. Not recursive, so depth costs nothing.
  package mutating func skip() {
    switch peek() {
    case UInt8(ascii: "\""): if raw() == nil { fail() }
    case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested()
    case 0: fail()
    default:
      let start = at
      while at < end, isPlain(base[at]) { at += 1 }
      if at == start { fail() }
    }
  }

  /// The bytes that numbers and literal names consist of.
  private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private mutating func skipNested() {
    var depth = 0
    while at < end {
      switch base[at] {
      case UInt8(ascii: "\""):
        guard raw() != nil else { return fail() }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return at += 1 }
      default: break
      }
      at += 1
    }
    fail()
  }

  /// Consumes a string, or skips any other value.
  ///
  /// - Returns: the position of its text; nil if it is not a string.
  private mutating func quoted() -> (start: Int, count: Int, isEscaped: Bool)? {
    guard peek() == UInt8(ascii: "\"") else {
      skip()
      return nil
    }
    guard let raw = raw() else {
      fail()
      return nil
    }
    return raw
  }

  /// Consumes a string, starting at its opening quote.
  ///
  /// - Returns: the position of its text; nil if it is unterminated.
  private mutating func raw() -> (start: Int, count: Int, isEscaped: Bool)? {
    let start = at + 1
    var from = start
    while from < end, let found = memchr(base + from, 0x22, end - from) {
      let place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
      var slashes = 0
      while place - slashes - 1 >= start, base[place - slashes - 1] == 0x5C { slashes += 1 }
      from = place + 1
      if slashes % 2 == 0 {
        at = from
        let count = place - start
        let isEscaped = count > 0 && memchr(base + start, 0x5C, count) != nil
        return (start, count, isEscaped)
      }
    }
    return nil
  }
}

/// A cluster object that is read by scanning.
package protocol ScannedObject: Sendable {
  /// Reads the object that comes next in the scanner.
  init(_ scanner: inout JSONScanner)
}

extension ScannedObject {
  /// Reads the object from a tree.
  package init(_ value: JSONValue) {
    let bytes = Array(value.encoded().utf8)
    self = bytes.withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer)
      return Self(&scanner)
    }
  }
}
