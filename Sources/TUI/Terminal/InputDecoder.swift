/// Decodes terminal input into events: UTF-8, control characters, CSI and SS3 sequences, mouse reports, bracketed paste
/// and focus reports. Unknown sequences are dropped completely, never typed into a field.
package struct InputDecoder: Sendable {
  /// What is being skipped up to its end, because it is too long to be a known sequence.
  private enum Skip {
    case sequence, string
  }

  private var pending: [UInt8] = []
  private var paste: [UInt8]?
  /// The number of keys, or what looks like them, that arrived one by one since a paste started.
  private var typedInPaste = 0
  private static let mostTyped = 12
  private var skip: Skip?
  package init() {}

  /// Maximum number of bytes of a paste; the rest is dropped.
  static let pasteLimit = 1 << 20

  /// How long to wait for more input, in milliseconds, before pending bytes are decoded as they are; nil if none are
  /// pending.
  ///
  /// A lone escape may be the key, which must not feel slow. After `ESC [` that is unlikely, and the rest may be
  /// delayed by a network.
  package var patience: Int64? {
    if paste != nil { return 2000 }
    if skip != nil { return 1000 }
    switch pending.count {
    case 0: return nil
    case 1 where pending[0] == 0x1B: return 80
    default: return 1000
    }
  }

  /// Decodes bytes, together with earlier ones that were incomplete.
  package mutating func feed(_ bytes: some Collection<UInt8>) -> [InputEvent] {
    var events: [InputEvent] = []
    // A lone ctrl-C means that the user wants to get out, even of a paste that does not end. So does repeated input of
    // a few bytes: a paste arrives in pieces as large as possible.
    typedInPaste = paste != nil && bytes.count <= 6 ? typedInPaste + 1 : 0
    if paste != nil, typedInPaste > Self.mostTyped || (bytes.count == 1 && bytes.first == 0x03) {
      typedInPaste = 0
      events += flush()
    }
    pending.append(contentsOf: bytes)
    var at = 0
    while at < pending.count {
      if paste != nil {
        guard let used = readPaste(at, &events) else { break }
        at += used
        continue
      }
      if let skip {
        at += dropped(pending[at...], skip)
        if self.skip != nil { break }
        continue
      }
      guard let (used, event) = decode(pending[at...]) else { break }
      at += used
      if let event { events.append(event) }
    }
    pending.removeFirst(min(at, pending.count))
    return events
  }

  /// The wait for the rest of a sequence or a paste is over: pending bytes are decoded as they are.
  package mutating func flush() -> [InputEvent] {
    let bytes = pending
    pending = []
    skip = nil
    if let paste {
      self.paste = nil
      let isBrokenEnd = Self.pasteEnd.starts(with: bytes)
      return [.paste(String(decoding: isBrokenEnd ? paste : paste + bytes, as: UTF8.self))]
    }
    guard bytes.first == 0x1B else { return [] }
    if bytes.count == 1 { return [.key(.escape)] }
    // Only ESC [ is Alt-[; anything longer is an incomplete sequence.
    return bytes.count == 2 ? [.key(.alt(Character(Unicode.Scalar(bytes[1]))))] : []
  }

  private static let pasteEnd: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]

  /// - Returns: the number of bytes read, or nil if the end has not arrived.
  private mutating func readPaste(_ at: Int, _ events: inout [InputEvent]) -> Int? {
    let end = Self.pasteEnd
    let rest = pending[at...]
    var place = rest.startIndex
    while place < rest.endIndex {
      if rest[place] == 0x1B {
        if rest[place...].starts(with: end) {
          keep(rest[..<place])
          events.append(.paste(String(decoding: paste ?? [], as: UTF8.self)))
          paste = nil
          return place - at + end.count
        }
        // The end marker may be split.
        if end.starts(with: rest[place...]) { break }
      }
      place += 1
    }
    keep(rest[..<place])
    return place > at ? place - at : nil
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    let room = Self.pasteLimit - (paste?.count ?? 0)
    if room > 0 { paste?.append(contentsOf: bytes.prefix(room)) }
  }

  /// The number of bytes that belong to what is being skipped; all if its end has not arrived.
  private mutating func dropped(_ bytes: ArraySlice<UInt8>, _ skip: Skip) -> Int {
    switch skip {
    case .sequence:
      guard let end = bytes.firstIndex(where: { !(0x20...0x3F).contains($0) }) else { return bytes.count }
      self.skip = nil
      return end - bytes.startIndex + ((0x40...0x7E).contains(bytes[end]) ? 1 : 0)
    case .string:
      guard let end = Self.stringEnd(bytes) else {
        // An escape at the end may be the start of the end marker.
        return bytes.last == 0x1B ? bytes.count - 1 : bytes.count
      }
      self.skip = nil
      return end - bytes.startIndex
    }
  }

  /// The first event, and the number of its bytes; nil if more bytes are needed.
  private mutating func decode(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    guard let first = bytes.first else { return nil }
    switch first {
    case 0x1B: return escape(bytes)
    case 0x0D, 0x0A: return (1, .key(.enter))
    case 0x09: return (1, .key(.tab))
    case 0x7F, 0x08: return (1, .key(.backspace))
    case 0x00: return (1, .key(.control(" ")))
    case 0x01...0x1A: return (1, .key(.control(Character(Unicode.Scalar(first + 0x60)))))
    case 0x1C...0x1F: return (1, .key(.control(Character(Unicode.Scalar(first + 0x40)))))
    case 0x20..<0x7F: return (1, .key(.character(Character(Unicode.Scalar(first)))))
    default: return utf8(bytes)
    }
  }

  private func utf8(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    let first = bytes[bytes.startIndex]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1
    guard length > 1 else { return (1, nil) }
    let part = bytes.prefix(length)
    let good = part.dropFirst().prefix { $0 & 0xC0 == 0x80 }.count
    if good < part.count - 1 { return (1 + good, nil) }
    guard part.count == length else { return nil }
    let text = String(decoding: part, as: UTF8.self)
    guard let character = text.first, text.count == 1, character != "\u{FFFD}" else { return (length, nil) }
    return (length, .key(.character(character)))
  }

  private mutating func escape(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    guard let second = bytes.dropFirst().first else { return nil }
    switch second {
    case 0x5B: return sequence(bytes)
    case 0x4F: return singleShift(bytes)
    case 0x1B: return (1, .key(.escape))
    case 0x5D, 0x50, 0x58, 0x5E, 0x5F: return answer(bytes)
    case 0x7F: return (2, .key(.alt("\u{7F}")))
    case 0x20..<0x7F: return (2, .key(.alt(Character(Unicode.Scalar(second)))))
    default: return (1, .key(.escape))
    }
  }

  /// SS3: a letter, which some terminals precede with a digit for modifier keys.
  private func singleShift(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    let place = bytes.dropFirst(2).firstIndex { !(0x30...0x39).contains($0) }
    guard let place else { return bytes.count > 8 ? (bytes.count, nil) : nil }
    let used = place - bytes.startIndex
    guard (0x40...0x7E).contains(bytes[place]) || bytes[place] == 0x20 else { return (used, nil) }
    return (used + 1, Self.final(bytes[place], parameters: []).map(InputEvent.key))
  }

  /// A terminal's response to a query: OSC, DCS and similar, up to BEL or ST.
  private mutating func answer(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    if let end = Self.stringEnd(bytes.dropFirst(2)) { return (end - bytes.startIndex, nil) }
    guard bytes.count > 4096 else { return nil }
    skip = .string
    return (bytes.last == 0x1B ? bytes.count - 1 : bytes.count, nil)
  }

  /// The end of an unknown string, or nil.
  private static func stringEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    var place = bytes.startIndex
    while place < bytes.endIndex {
      if bytes[place] == 0x07 { return place + 1 }
      if bytes[place] == 0x1B, place + 1 < bytes.endIndex, bytes[place + 1] == 0x5C { return place + 2 }
      place += 1
    }
    return nil
  }

  private mutating func sequence(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    var place = bytes.startIndex + 2
    guard place < bytes.endIndex else { return nil }
    // The Linux console sends ESC [ [ A for F1.
    if bytes[place] == 0x5B {
      guard place + 1 < bytes.endIndex else { return nil }
      let number = Int(bytes[place + 1]) - 0x40
      return (4, (1...5).contains(number) ? .key(.function(number)) : nil)
    }
    if bytes[place] == 0x4D { return Self.oldMouse(bytes) }
    while place < bytes.endIndex, (0x20...0x3F).contains(bytes[place]) { place += 1 }
    guard place < bytes.endIndex else {
      guard bytes.count > 64 else { return nil }
      skip = .sequence
      return (bytes.count, nil)
    }
    let final = bytes[place]
    let used = place - bytes.startIndex + 1
    // A sequence interrupted by another control character ends before it.
    guard (0x40...0x7E).contains(final) else { return (used - 1, nil) }
    let body = bytes[(bytes.startIndex + 2)..<place]
    if body.first == UInt8(ascii: "<"), final == 0x4D || final == 0x6D {
      return (used, Self.mouse(Self.numbers(body.dropFirst()), isRelease: final == 0x6D))
    }
    guard body.allSatisfy({ (0x30...0x3B).contains($0) }) else { return (used, nil) }
    let parameters = Self.numbers(body)
    switch final {
    case 0x7E where parameters.first == 200:
      paste = []
      return (used, nil)
    case 0x49, 0x4F: return (used, .focus(final == 0x49))
    // Reports in rxvt's format: as below, in decimal.
    case 0x4D:
      guard parameters.count == 3 else { return (used, nil) }
      return (used, Self.mouse([parameters[0] - 32, parameters[1], parameters[2]], isRelease: false))
    default: return (used, Self.final(final, parameters: parameters).map(InputEvent.key))
    }
  }

  private static func numbers(_ body: ArraySlice<UInt8>) -> [Int] {
    body.split(separator: 0x3B, omittingEmptySubsequences: false).map {
      Int(String(decoding: $0.prefix { $0 != 0x3A }, as: UTF8.self)) ?? 0
    }
  }

  /// A report of a terminal without the newer formats: `ESC [ M`, then button, column and row as one byte each, plus
  /// 32. Columns beyond 223 cannot be represented; they are sent as 0 or wrap around.
  private static func oldMouse(_ bytes: ArraySlice<UInt8>) -> (Int, InputEvent?)? {
    let report = bytes.dropFirst(3).prefix(3)
    if let broken = report.firstIndex(of: 0x1B) { return (broken - bytes.startIndex, nil) }
    guard report.count == 3 else { return nil }
    return (6, mouse(report.map { Int($0) - 32 }, isRelease: false))
  }

  private static func mouse(_ report: [Int], isRelease: Bool) -> InputEvent? {
    guard report.count == 3, report[0] >= 0, report[1] > 0, report[2] > 0 else { return nil }
    let code = report[0]
    let action: MouseEvent.Action
    switch code & ~0x1C {
    case 64: action = .wheelUp
    case 65: action = .wheelDown
    case 0...2: action = isRelease ? .release : .press
    // The older formats do not report which button was released.
    case 3: action = .release
    case 32...35: action = .drag
    default: return nil
    }
    return .mouse(MouseEvent(action: action, button: code & 3, x: report[1] - 1, y: report[2] - 1))
  }

  private static func final(_ byte: UInt8, parameters: [Int]) -> Key? {
    switch byte {
    case 0x41: return .up
    case 0x42: return .down
    case 0x43: return .right
    case 0x44: return .left
    case 0x46: return .end
    case 0x48: return .home
    case 0x4D: return .enter
    case 0x50...0x53: return .function(Int(byte) - 0x4F)
    case 0x5A: return .backTab
    case 0x7E: break
    default: return nil
    }
    switch parameters.first {
    case 1, 7: return .home
    case 2: return .insert
    case 3: return .delete
    case 4, 8: return .end
    case 5: return .pageUp
    case 6: return .pageDown
    case .some(let number) where (11...15).contains(number): return .function(number - 10)
    case .some(let number) where (17...21).contains(number): return .function(number - 11)
    case 23: return .function(11)
    case 24: return .function(12)
    default: return nil
    }
  }
}
