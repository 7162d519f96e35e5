/// Where and why a text is not JSON.
package struct JSONParseError: Error, Sendable, Equatable {
  /// Line number, starting at 1.
  package var line: Int
  /// Column in bytes, starting at 1.
  package var column: Int
  /// What is invalid there.
  package var message: String
}

extension JSONParseError {
  /// The position of the first invalid UTF-8, or nil if there is none. The parser itself replaces it with U+FFFD.
  package init?(firstInvalidTextIn bytes: [UInt8]) {
    // Most text is valid, and to know that is cheaper than to know where it is not.
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var (line, column) = (1, 1)
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar):
        if scalar.first == UInt8(ascii: "\n") { (line, column) = (line + 1, 1) } else { column += scalar.count }
      case .error: self.init(line: line, column: column, message: "bytes that are not UTF-8 text"); return
      case .emptyInput: return nil
      }
    }
  }
}

extension JSONValue {
  /// Parses a JSON document.
  ///
  /// - Throws: `JSONParseError` with the position of the first error.
  package init(parsing bytes: some Collection<UInt8>) throws(JSONParseError) {
    try self.init(parsing: bytes, keepingText: false)
  }

  /// Parses a JSON document.
  ///
  /// - Parameter keepingText: keeps the source text of numbers and strings that would be encoded differently, for
  ///   documents that are written back.
  /// - Throws: `JSONParseError` with the position of the first error.
  package init(parsing bytes: some Collection<UInt8>, keepingText: Bool) throws(JSONParseError) {
    var parser = JSONParser(bytes: Array(bytes), keepsText: keepingText)
    self = try parser.document()
  }

  /// Parses a JSON document.
  ///
  /// - Throws: `JSONParseError` with the position of the first error.
  package init(parsing text: String) throws(JSONParseError) { try self.init(parsing: text.utf8) }
}

/// Strict JSON (RFC 8259) with a depth limit, so that no input can exhaust the stack.
struct JSONParser {
  static let depthLimit = 256
  package let bytes: [UInt8]
  /// Whether to keep the source text of numbers and strings that would be encoded differently.
  let keepsText: Bool
  package var at = 0

  package init(bytes: [UInt8], keepsText: Bool = false) {
    self.bytes = bytes
    self.keepsText = keepsText
  }

  package mutating func document() throws(JSONParseError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw failure("unexpected text after the end of the document") }
    return value
  }

  private func failure(_ message: String, at place: Int? = nil) -> JSONParseError {
    let end = min(place ?? at, bytes.count)
    var line = 1
    var lineStart = 0
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    return JSONParseError(line: line, column: end - lineStart + 1, message: message)
  }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
  }

  private mutating func value(depth: Int) throws(JSONParseError) -> JSONValue {
    guard depth < Self.depthLimit else { throw failure("nested too deeply") }
    skipSpace()
    guard at < bytes.count else { throw failure("unexpected end: a value is missing") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""):
      let start = at
      let value = JSONValue.string(try string())
      return kept(start, value).map(JSONValue.verbatim) ?? value
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("a value is expected here")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[at...].starts(with: wanted) else { throw failure("a value is expected here") }
    at += wanted.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONParseError) -> JSONValue {
    at += 1
    var object = JSONObject()
    var seen: Set<String> = []
    skipSpace()
    if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
      at += 1
      return .object(object)
    }
    while true {
      skipSpace()
      let keyPlace = at
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw failure("a key in quotes is expected here") }
      var key = try string()
      let text = kept(keyPlace, .string(key))
      // Two keys may differ only in unpaired surrogates, which a string cannot represent.
      if let text, key.unicodeScalars.contains("\u{FFFD}") { key = text.text }
      guard seen.insert(key).inserted else { throw failure("the key \"\(key)\" appears twice here", at: keyPlace) }
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw failure("a colon is missing here") }
      at += 1
      object.append(key, try value(depth: depth + 1), text: text)
      if try ends(with: "}") { return .object(object) }
    }
  }

  /// Consumes what follows a member: a comma, or the end of its container.
  ///
  /// - Returns: whether it was the end.
  private mutating func ends(with close: Unicode.Scalar) throws(JSONParseError) -> Bool {
    skipSpace()
    guard at < bytes.count else { throw failure("unexpected end: a closing \(close) is missing") }
    let byte = bytes[at]
    guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: close) else {
      throw failure("a comma or a closing \(close) is missing here")
    }
    at += 1
    return byte != UInt8(ascii: ",")
  }

  private mutating func array(depth: Int) throws(JSONParseError) -> JSONValue {
    at += 1
    var items: [JSONValue] = []
    skipSpace()
    if at < bytes.count, bytes[at] == UInt8(ascii: "]") {
      at += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth + 1))
      if try ends(with: "]") { return .array(items) }
    }
  }

  private mutating func number() throws(JSONParseError) -> JSONValue {
    let start = at
    var isWhole = true
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let digits = at
    skipDigits()
    guard at > digits else { throw failure("a digit is missing here") }
    if bytes[digits] == UInt8(ascii: "0"), at - digits > 1 {
      throw failure("a number must not start with 0", at: digits)
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      isWhole = false
      at += 1
      let fraction = at
      skipDigits()
      guard at > fraction else { throw failure("a digit is missing here") }
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: "e") || bytes[at] == UInt8(ascii: "E") {
      isWhole = false
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      let exponent = at
      skipDigits()
      guard at > exponent else { throw failure("a digit is missing here") }
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isWhole, let whole = Int(text) { return kept(start, .int(whole)).map(JSONValue.verbatim) ?? .int(whole) }
    let number = Double(text).flatMap { $0.isFinite ? JSONValue.double($0) : nil }
    if let kept = kept(start, number) { return .verbatim(kept) }
    guard let number else { throw failure("the number is too large", at: start) }
    return number
  }

  /// The source text starting at `start`, if it is to be kept and the value would be encoded differently.
  private func kept(_ start: Int, _ value: JSONValue?) -> JSONText? {
    keepsText ? JSONText(bytes[start..<at], unlessWrittenAs: value) : nil
  }

  private mutating func skipDigits() {
    while at < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[at] { at += 1 }
  }

  private mutating func string() throws(JSONParseError) -> String {
    let opening = at
    at += 1
    // Most strings have no escapes and are taken as they are.
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 0x20 {
      at += 1
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
      at += 1
      return String(decoding: bytes[start..<at - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<at])
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw failure("a control character must be escaped here")
      default:
        text.append(byte)
        at += 1
      }
    }
    throw failure("this string has no closing quote", at: opening)
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONParseError) {
    let start = at
    at += 1
    guard at < bytes.count else { throw failure("unexpected end inside a string") }
    let kind = bytes[at]
    at += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hex4()
      if code & 0xFC00 == 0xD800, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
        bytes[at + 1] == UInt8(ascii: "u")
      {
        let back = at
        at += 2
        let low = try hex4()
        if low & 0xFC00 == 0xDC00 {
          code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
        } else {
          at = back
        }
      }
      text.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    default: throw failure("unknown escape in a string", at: start)
    }
  }

  private mutating func hex4() throws(JSONParseError) -> UInt32 {
    guard at + 4 <= bytes.count else { throw failure("four hexadecimal digits are expected here") }
    var code: UInt32 = 0
    for byte in bytes[at..<at + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits are expected here")
      }
      code = code << 4 | UInt32(digit)
    }
    at += 4
    return code
  }
}
