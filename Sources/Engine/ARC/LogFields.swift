import Basics

/// A line of a structured log, split by keys. ARC writes Go's slog as text (`time=… level=… msg="…" key=…`) or JSON,
/// and zap's console format (columns separated by tabs, JSON at the end) or JSON. Lines are only read by key, never
/// searched: a job's name may contain any text.
package struct LogFields {
  /// When the line was written, according to the API's timestamp, otherwise the line itself.
  package private(set) var time: Int64?
  /// `INFO`, `ERROR`, …, in capitals; empty if the line has no level.
  package private(set) var level = ""
  /// The message, written by the logging program itself.
  package private(set) var message = ""
  /// The other keys in order. A key inside an object is written as `object.key`.
  package private(set) var fields: [(key: String, value: String)] = []

  /// The value of the first field with this name. Programs write their own keys before quoted ones.
  package subscript(key: String) -> String? { fields.first { $0.key == key }?.value }

  /// Whether the line reports an error.
  package var isError: Bool { ["ERROR", "FATAL", "PANIC", "DPANIC"].contains(level) }

  /// The error in the line.
  package var error: String? { self["error"] ?? self["err"] }

  /// Whether the line refers to an object with this name, as `{"name": "X"}` in a field or as a separate field.
  package func names(_ object: String) -> Bool {
    fields.contains { $0.value == object && ($0.key == "name" || $0.key.hasSuffix(".name")) }
  }

  /// Parses a line, with or without the API's timestamp. A line without structure becomes the message.
  package init(_ line: some StringProtocol) {
    var rest = Substring(line)
    while rest.last == "\r" || rest.last == "\n" || rest.last == "\r\n" { rest.removeLast() }
    if let stamp = Self.stamp(&rest) { time = stamp }
    if rest.first == "{", readJSON(rest) { return }
    if rest.utf8.contains(0x09) {
      readColumns(rest)
    } else if rest.hasPrefix("time=") || rest.hasPrefix("level=") || rest.hasPrefix("msg=") {
      readText(rest)
    } else {
      message = String(Self.withoutGoTime(rest))
    }
  }

  /// Removes a leading time and the space after it.
  private static func stamp(_ text: inout Substring) -> Int64? {
    guard text.utf8.first.map({ (0x30...0x39).contains($0) }) == true,
      let end = text.utf8.prefix(40).firstIndex(where: { $0 == 0x20 }), let time = Timestamp.parse(String(text[..<end]))
    else { return nil }
    text = text[text.utf8.index(after: end)...]
    return time
  }

  /// Removes `2026/11/25 14:12:48 `, which Go's log package writes before a message.
  private static func withoutGoTime(_ text: Substring) -> Substring {
    let head = Array(text.utf8.prefix(20))
    guard head.count == 20, head[4] == UInt8(ascii: "/"), head[7] == UInt8(ascii: "/"), head[13] == UInt8(ascii: ":"),
      head[16] == UInt8(ascii: ":"), head[19] == 0x20
    else { return text }
    return text[text.utf8.index(text.startIndex, offsetBy: 20)...]
  }

  private mutating func put(_ key: String, _ value: String) {
    switch key {
    case "time", "ts": if time == nil { time = Timestamp.parse(value) }
    case "level", "severity": if level.isEmpty { level = value.uppercased() }
    case "msg", "message": if message.isEmpty { message = value }
    default: fields.append((key, value))
    }
  }

  // MARK: JSON

  private mutating func readJSON(_ text: Substring) -> Bool {
    var read: [(String, String)] = []
    let isWhole: Void? = try? JSONScanner.scan(Array(text.utf8)) { Self.members(&$0, "", 0, &read) }
    guard isWhole != nil else { return false }
    for (key, value) in read { put(key, value) }
    return true
  }

  private static func members(
    _ scanner: inout JSONScanner, _ prefix: String, _ depth: Int, _ read: inout [(String, String)]
  ) {
    scanner.object { key, value in
      let name = prefix + key.text
      if value.isObject {
        // Anything nested deeper than ARC's own fields is skipped.
        if depth < 3 { members(&value, name + ".", depth + 1, &read) }
      } else if let text = value.scalar() {
        read.append((name, text))
      }
    }
  }

  // MARK: zap's console form

  private mutating func readColumns(_ text: Substring) {
    var columns = text.split(separator: "\t", omittingEmptySubsequences: false)
    if let last = columns.last, last.first == "{" {
      columns.removeLast()
      var read: [(String, String)] = []
      _ = try? JSONScanner.scan(Array(last.utf8)) { Self.members(&$0, "", 0, &read) }
      fields = read.map { (key: $0.0, value: $0.1) }
    }
    if let first = columns.first, let stamp = Timestamp.parse(String(first)) {
      if time == nil { time = stamp }
      columns.removeFirst()
    }
    level = columns.first.map { $0.uppercased() } ?? ""
    // The logger's name is between them, if it has one.
    if columns.count > 1 { message = columns.last.map(String.init) ?? "" }
  }

  // MARK: slog's text form

  private mutating func readText(_ text: Substring) {
    var rest = text.utf8[...]
    while !rest.isEmpty {
      rest = rest.drop { $0 == 0x20 }
      var key: String
      if rest.first == UInt8(ascii: "\"") {
        guard let quoted = Self.quoted(&rest) else { return }
        key = quoted
        guard rest.first == UInt8(ascii: "=") else { return }
      } else {
        // Older handlers do not quote keys that consist of two words.
        guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return }
        key = String(Substring(rest[..<equals]))
        rest = rest[equals...]
      }
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "\"") {
        guard let value = Self.quoted(&rest) else { return }
        put(key, value)
      } else {
        let end = rest.firstIndex(of: 0x20) ?? rest.endIndex
        put(key, String(Substring(rest[..<end])))
        rest = rest[end...]
      }
    }
  }

  /// Reads a quoted string with the escapes of Go's strconv.Quote; nil if it is unterminated.
  private static func quoted(_ rest: inout Substring.UTF8View) -> String? {
    var bytes: [UInt8] = []
    var at = rest.index(after: rest.startIndex)
    while at < rest.endIndex {
      let byte = rest[at]
      at = rest.index(after: at)
      if byte == UInt8(ascii: "\"") {
        rest = rest[at...]
        return String(decoding: bytes, as: UTF8.self)
      }
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard at < rest.endIndex else { return nil }
      let kind = rest[at]
      at = rest.index(after: at)
      switch kind {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "v"): bytes.append(0x20)
      case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
        let count = kind == UInt8(ascii: "x") ? 2 : kind == UInt8(ascii: "u") ? 4 : 8
        let digits = rest[at...].prefix(count)
        guard digits.count == count, let code = UInt32(Substring(digits), radix: 16) else { return nil }
        // `\x` is a byte of text that was not UTF-8; the other escapes are characters.
        if count == 2 {
          bytes.append(UInt8(truncatingIfNeeded: code))
        } else {
          bytes += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        }
        at = digits.endIndex
      default: bytes.append(kind)
      }
    }
    return nil
  }
}
