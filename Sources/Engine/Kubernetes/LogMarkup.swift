import Basics

/// The meaning of a line in a job's log to GitHub. The runner writes `##[group]…`, `##[error]…` and others; programs
/// write `::group::…`, `::error file=app.js,line=3::…`; both may be preceded by the timestamp of GitHub's logs
/// (actions/runner, `ActionCommand` and `docs/adrs`).
package struct LogMarkup: Sendable, Equatable {
  package enum Kind: UInt8, Sendable, CaseIterable {
    case plain
    /// The title of a group, which lasts until its end, the next group or the end of the job.
    case group
    case endGroup
    case error, warning, notice
    /// A command that the runner starts.
    case command
    case debug, section
    /// A value that must be hidden from here on.
    case mask
  }

  package var kind = Kind.plain
  /// The number of bytes before the text to show: the timestamp of GitHub's logs and the command.
  private var hidden: Int32 = 0
  /// Whether it has the form `::name …::`, in which some characters are escaped.
  private var isEscaped = false

  /// - Parameters:
  ///   - text: a line without the API's timestamp.
  ///   - isPlain: whether it is not a command even if it looks like one, as after `::stop-commands::`.
  package init(_ text: String, isPlain: Bool = false) {
    let parsed: LogMarkup? = text.utf8.withContiguousStorageIfAvailable { LogMarkup(bytes: $0, isPlain) }
    self = parsed ?? Array(text.utf8).withUnsafeBufferPointer { LogMarkup(bytes: $0, isPlain) }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, _ isPlain: Bool) {
    var at = Self.behindColors(bytes, 0)
    if Self.isTimed(bytes, at) {
      at += Self.timeLength
      hidden = Int32(clamping: at)
    }
    if isPlain { return }
    var place = Self.behindColors(bytes, at)
    while place < bytes.count, bytes[place] == 0x20 { place += 1 }
    guard place + 3 < bytes.count else { return }
    if bytes[place] == UInt8(ascii: "#"), bytes[place + 1] == UInt8(ascii: "#"), bytes[place + 2] == UInt8(ascii: "[") {
      let start = place + 3
      guard let end = bytes[start...].prefix(16).firstIndex(where: { $0 == UInt8(ascii: "]") || $0 == 0x20 }),
        let kind = Self.kinds[Self.name(bytes[start..<end])],
        let close = bytes[end...].firstIndex(of: UInt8(ascii: "]"))
      else { return }
      (self.kind, hidden) = (kind, Int32(clamping: close + 1))
    } else if bytes[place] == UInt8(ascii: ":"), bytes[place + 1] == UInt8(ascii: ":") {
      let start = place + 2
      guard let end = bytes[start...].prefix(16).firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == 0x20 }),
        let kind = Self.kinds[Self.name(bytes[start..<end])], kind != .command, kind != .section
      else { return }
      var close = end
      while close + 1 < bytes.count, bytes[close] != UInt8(ascii: ":") || bytes[close + 1] != UInt8(ascii: ":") {
        close += 1
      }
      guard close + 1 < bytes.count else { return }
      (self.kind, hidden, isEscaped) = (kind, Int32(clamping: close + 2), true)
    }
  }

  /// The names of commands, which cannot be tokens that resume commands.
  static var commands: Set<String> { Set(kinds.keys) }

  private static let kinds: [String: Kind] = [
    "group": .group, "endgroup": .endGroup, "error": .error, "warning": .warning, "notice": .notice,
    "command": .command, "debug": .debug, "section": .section, "add-mask": .mask,
  ]

  /// The runner ignores the case of names.
  private static func name(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    String(decoding: bytes.lazy.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// The position after SGR sequences.
  private static func behindColors(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var at = start
    while at + 1 < bytes.count, bytes[at] == 0x1B, bytes[at + 1] == UInt8(ascii: "[") {
      guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "m")) else { return at }
      at = end + 1
    }
    return at
  }

  /// `2026-11-24T00:01:15.7797690Z `: the runner writes seven digits after the point.
  private static let pattern = Array("0000-00-00T00:00:00.0000000Z ".utf8)
  private static let timeLength = pattern.count

  private static func isTimed(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    guard bytes.count - start >= timeLength else { return false }
    for (offset, wanted) in pattern.enumerated() {
      let byte = bytes[start + offset]
      guard wanted == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == wanted else { return false }
    }
    return true
  }

  // MARK: What is shown

  /// Whether the whole line is shown unchanged.
  package var isPlain: Bool { kind == .plain && hidden == 0 }

  /// The line as GitHub shows it, without a symbol for its kind; a message about a file is followed by the file's name.
  package func message(_ text: String) -> String {
    guard hidden > 0 else { return text }
    let body = String(decoding: text.utf8.dropFirst(Int(hidden)), as: UTF8.self)
    guard isEscaped else { return body }
    let properties = properties(text)
    var message = Self.unescaped(body)
    if let title = properties["title"] { message = "\(title): \(message)" }
    guard var place = properties["file"] else { return message }
    for part in ["line", "col"] { place += properties[part].map { ":\($0)" } ?? "" }
    return "\(message) (\(place))"
  }

  /// The value of a mask as a program wrote it: each of its lines is secret.
  package func secrets(_ text: String) -> [String] {
    guard kind == .mask else { return [] }
    let body = String(decoding: text.utf8.dropFirst(Int(hidden)), as: UTF8.self)
    let value = isEscaped ? Self.unescaped(body, lineEnd: "\n") : body
    return value.split(whereSeparator: \.isNewline).map { SafeText.line(String($0)).trimmingSpaces }.filter {
      !$0.isEmpty
    }
  }

  /// A mask without its value, as written by the runner.
  package func withoutSecret(_ text: String) -> String {
    kind == .mask ? String(decoding: text.utf8.prefix(Int(hidden)), as: UTF8.self) + LogMasks.sign : text
  }

  /// The line after its timestamp and spaces, if it starts like a command; otherwise nil, without copying.
  func command(_ text: String) -> Substring.UTF8View? {
    let rest = text.utf8.dropFirst(Int(hidden)).drop { $0 == 0x20 }
    return kind == .plain && rest.starts(with: "::".utf8) ? rest : nil
  }

  /// When the line was written, according to the timestamp in it.
  package func time(_ text: String) -> Int64? {
    guard hidden >= Self.timeLength else { return nil }
    let start = text.utf8.firstIndex { (0x30...0x39).contains($0) } ?? text.startIndex
    return Timestamp.parse(String(decoding: text.utf8[start...].prefix(Self.timeLength - 1), as: UTF8.self))
  }

  private func properties(_ text: String) -> [String: String] {
    let head = String(decoding: text.utf8.prefix(Int(hidden) - 2), as: UTF8.self)
    guard let begin = head.lastRange(of: "::"), let space = head[begin.upperBound...].firstIndex(of: " ") else {
      return [:]
    }
    var found: [String: String] = [:]
    for pair in head[head.index(after: space)...].split(separator: ",") {
      guard let equals = pair.firstIndex(of: "=") else { continue }
      let value = Self.unescaped(String(pair[pair.index(after: equals)...]))
      if !value.isEmpty { found[String(pair[..<equals]).trimmingSpaces.lowercased()] = value }
    }
    return found
  }

  private static func unescaped(_ text: String, lineEnd: String = " ") -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    let plain = text.replacing("%0D%0A", with: lineEnd).replacing("%0D", with: lineEnd).replacing("%0A", with: lineEnd)
      .replacing("%3A", with: ":").replacing("%2C", with: ",")
    return plain.replacing("%25", with: "%")
  }
}

extension String {
  /// The last occurrence of a text.
  fileprivate func lastRange(of text: String) -> Range<Index>? { ranges(of: text).last }
}
