import Basics
import Tools

/// Joins the parts of a log whose stream was interrupted. The log is requested again starting with the second of the
/// last lines, so the API sends some lines twice; these are recognized by their text and dropped, and none is lost.
/// Offsets do not work, because a node rotates logs. Times alone do not work either: many lines have the same second,
/// and the order of a container's two output streams may differ.
package struct LogSeam: Sendable {
  /// The lines of one second, in the order received.
  private struct Second {
    /// Seconds since 1970.
    var time: Int64
    var lines: [Line] = []
  }

  private struct Line {
    var hash: Int
    /// Nanoseconds since 1970; nil for the continuation of a long line.
    var time: Int64?
  }

  /// The minimum number of lines remembered of one second; the maximum is twice this.
  package static let limit = 10_000

  private var former: Second?
  private var current: Second?
  /// Hashes of lines that were seen and may be sent again, with their counts.
  private var expected: [Int: Int] = [:]
  /// The time before which no line is new, in nanoseconds since 1970.
  private var floor: Int64?
  /// The time of the first remembered line, if not all lines of its second are remembered.
  private var trimmed: Int64?
  private var isJoining = false
  private var wasLong = false
  private var wasNew = true

  /// Creates an empty seam.
  package init() {}

  /// Creates a seam for an archived log.
  ///
  /// - Parameter isWhole: whether the log starts with the container's first line; if not, lines older than the archived
  ///   ones are dropped.
  package init(kept bytes: ArraySlice<UInt8>, isWhole: Bool) {
    var oldest: Int64?
    var rest = bytes
    while let end = rest.firstIndex(of: 0x0A) {
      let line = rest[rest.startIndex..<end]
      rest = rest[(end + 1)...]
      guard !line.isEmpty else { continue }
      let time = Self.nanoseconds(line)
      oldest = oldest ?? time
      let hash = Self.hash(line)
      expected[hash, default: 0] += 1
      note(hash, time)
    }
    isJoining = !expected.isEmpty
    floor = isWhole ? nil : oldest
  }

  /// The time from which to request the log again, in seconds since 1970; nil for all of it.
  package var since: Int64? { former?.time ?? current.map { $0.time - 1 } }

  /// Whether all repeated lines have been received.
  package var isJoined: Bool { !isJoining }

  /// Stops expecting repeated lines.
  package mutating func settle() { (expected, isJoining) = ([:], false) }

  /// Prepares for a new stream that starts at `since`.
  package mutating func rejoin() {
    expected = [:]
    for line in (former?.lines ?? []) + (current?.lines ?? []) { expected[line.hash, default: 0] += 1 }
    isJoining = !expected.isEmpty
    floor = max(since.flatMap(Self.nanoseconds(seconds:)), trimmed)
    (wasLong, wasNew) = (false, true)
  }

  /// Returns the lines that were not seen before.
  package mutating func admit(_ lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
    guard isJoining else {
      for line in lines { note(Self.hash(line), Self.nanoseconds(line)) }
      return lines
    }
    return lines.filter { admit($0) }
  }

  private mutating func admit(_ line: ArraySlice<UInt8>) -> Bool {
    let time = Self.nanoseconds(line)
    defer { wasLong = line.count >= StreamLines.pieceLimit }
    // The continuation of a long line is handled like its first piece.
    if time == nil, wasLong { return wasNew }
    wasNew = isNew(line, time)
    return wasNew
  }

  private mutating func isNew(_ line: ArraySlice<UInt8>, _ time: Int64?) -> Bool {
    guard isJoining else {
      note(Self.hash(line), time)
      return true
    }
    if let time, let floor, time < floor { return false }
    let hash = Self.hash(line)
    if let count = expected[hash] {
      expected[hash] = count > 1 ? count - 1 : nil
      if expected.isEmpty { isJoining = false }
      return false
    }
    note(hash, time)
    return true
  }

  /// Remembers the lines of the newest second and of the previous one: the order of a container's output streams may
  /// differ.
  private mutating func note(_ hash: Int, _ time: Int64?) {
    let second = time.map { $0 / 1_000_000_000 }
    if let second, current.map({ second > $0.time }) ?? true {
      former = current
      current = Second(time: second)
    }
    guard let count = current?.lines.count else { return }
    current?.lines.append(Line(hash: hash, time: time))
    guard count >= 2 * Self.limit else { return }
    // Many lines in one second: lines before the remembered ones are not new when they are sent again.
    current?.lines.removeFirst(count + 1 - Self.limit)
    trimmed = current?.lines.lazy.compactMap(\.time).first ?? trimmed
    former?.lines = []
  }

  /// The later of two times; nil is earlier than any.
  private func max(_ one: Int64?, _ other: Int64?) -> Int64? {
    guard let one, let other else { return one ?? other }
    return Swift.max(one, other)
  }

  /// The number of remembered lines.
  package var remembered: Int { (former?.lines.count ?? 0) + (current?.lines.count ?? 0) }

  /// Hashes only the start of a long line: it contains the time, which is unique.
  private static func hash(_ line: ArraySlice<UInt8>) -> Int {
    var hasher = Hasher()
    line.prefix(4096).withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  /// The time at the start of a line, in nanoseconds since 1970.
  package static func nanoseconds(_ line: ArraySlice<UInt8>) -> Int64? {
    guard let space = line.prefix(40).firstIndex(of: UInt8(ascii: " ")),
      let seconds = Timestamp.parse(line[line.startIndex..<space]), var time = nanoseconds(seconds: seconds)
    else { return nil }
    var unit: Int64 = 100_000_000
    for byte in line[..<space].dropFirst(20) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), unit > 0 else { break }
      time += Int64(byte - UInt8(ascii: "0")) * unit
      unit /= 10
    }
    return time
  }

  private static func nanoseconds(seconds: Int64) -> Int64? {
    // Reject times after 2255, before Int64 would overflow.
    guard (0..<9_000_000_000).contains(seconds) else { return nil }
    return seconds * 1_000_000_000
  }
}
