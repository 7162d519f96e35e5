/// A reader of external text, with samples of its input. The tests pass it modified samples for a moment, `make fuzz`
/// for a given time. It may reject any input, but must not trap.
struct FuzzCase: Sendable {
  let name: String
  let samples: [String]
  let read: @Sendable ([UInt8]) -> Void

  init(_ name: String, _ samples: [String], _ read: @escaping @Sendable ([UInt8]) -> Void) {
    self.name = name
    self.samples = samples
    self.read = read
  }
}

/// Modifies samples in ways that find faults in arithmetic and slicing. The same seed always gives the same
/// modifications.
struct FuzzChanges {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }

  /// A number below `count`.
  mutating func next(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return count > 0 ? Int((state >> 33) % UInt64(count)) : 0
  }

  static let numbers = [
    "-9223372036854775808", "9223372036854775807", "9223372036854775808", "-1", "0", "2147483647", "-2147483648",
    "4294967296", "18446744073709551615", "1e308", "-1e308", "1e-400", "99999999999999999999999999999999", "0.1",
    "-9223372036854775807", "1e400", "-0", "00", "+7",
  ]
  static let times = [
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:60.999999999Z", "1970-01-01T00:00:00Z",
    "0001-02-31T00:00:00Z", "999999-01-01T00:00:00Z", "-292277022399-01-01T00:00:00Z", "2026-11-24T24:61:61Z",
    "2026-00-00T00:00:00Z", "2026-11-24T00:00:00+14:00",
  ]
  static let words = [
    "\u{0}", "\u{1B}[31m", "\u{1B}]0;x\u{07}", "\u{9B}2J", "\"", "\\", "\\u", "\\ud800", "{", "}", "[", "]", ":", ",",
    "=", "\t", "\n", "\r\n", " ", "'", "-", "--", "…", "\u{202E}", "\u{200D}", "👩‍👩‍👧", "e\u{301}", "\u{FEFF}", "null",
    "true",
    "|", ">", "&a", "*a", "%", "#", "-----BEGIN RSA PRIVATE KEY-----", "ghp_", "msg=", "level=ERROR", "\u{10FFFF}",
  ]

  /// A modified copy.
  mutating func change(_ sample: [UInt8]) -> [UInt8] {
    var bytes = sample
    for _ in 0...next(4) { step(&bytes) }
    return bytes
  }

  private mutating func step(_ bytes: inout [UInt8]) {
    let at = next(bytes.count + 1)
    switch next(9) {
    case 0, 1: replaceRun(&bytes, around: at, with: Self.numbers[next(Self.numbers.count)], isPart: Self.isDigit)
    case 2: replaceRun(&bytes, around: at, with: Self.times[next(Self.times.count)], isPart: Self.isOfTime)
    case 3: bytes.insert(contentsOf: Self.words[next(Self.words.count)].utf8, at: at)
    case 4: bytes.insert(contentsOf: Self.numbers[next(Self.numbers.count)].utf8, at: at)
    case 5: if at < bytes.count { bytes[at] = UInt8(next(256)) }
    case 6: bytes.removeSubrange(at..<min(bytes.count, at + next(20)))
    case 7: bytes = Array(bytes.prefix(at))
    default:
      let end = min(bytes.count, at + next(60))
      let copy = Array(bytes[at..<end])
      for _ in 0...next(3) { bytes.insert(contentsOf: copy, at: next(bytes.count + 1)) }
    }
  }

  private mutating func replaceRun(
    _ bytes: inout [UInt8], around start: Int, with text: String, isPart: (UInt8) -> Bool
  ) {
    guard let first = bytes[start...].firstIndex(where: isPart) else { return }
    let end = bytes[first...].firstIndex { !isPart($0) } ?? bytes.count
    bytes.replaceSubrange(first..<end, with: text.utf8)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isOfTime(_ byte: UInt8) -> Bool { isDigit(byte) || "-:TZ.".utf8.contains(byte) }
}
