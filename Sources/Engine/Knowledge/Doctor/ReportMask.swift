import Basics

/// Removes identifying information from a text so that it can be posted: secrets, the names of user, machine and home,
/// owners and repositories, addresses. Equal names get equal stand-ins. The names of installations, scale sets and pods
/// are kept: without them the text would make no sense.
package struct ReportMask {
  private enum Kind {
    case word
    /// An organization, user or enterprise: what follows its slash is a repository.
    case owner
  }

  private struct Word {
    var bytes: [UInt8]
    var standIn: String
    var kind: Kind
  }

  private var words: [Word] = []
  private var owners = 0
  private var others: [String: Int] = [:]
  private var repositories: [String: Int] = [:]

  package init() {}

  /// Hides a word wherever it appears as a whole: `USER`, `NODE-1`. Words that are too short or too common are kept.
  ///
  /// - Parameter standIn: the replacement.
  package mutating func hide(_ word: String, as standIn: String) {
    let everybodys: Set<String> = ["root", "localhost", "runner", "github.com"]
    guard word.utf8.count >= 2, !everybodys.contains(word.lowercased()) else { return }
    add(word, standIn, .word)
  }

  /// The same with a number, for several words of a kind.
  package mutating func hide(_ word: String, numbered kind: String) {
    guard !words.contains(where: { $0.bytes == Self.folded(word) }) else { return }
    others[kind, default: 0] += 1
    hide(word, as: "\(kind)-\(others[kind] ?? 0)")
  }

  /// Hides an owner of repositories together with the repositories.
  package mutating func hide(owner: String) {
    guard !owner.isEmpty, !words.contains(where: { $0.bytes == Self.folded(owner) }) else { return }
    owners += 1
    add(owner, "OWNER-\(owners)", .owner)
  }

  private mutating func add(_ word: String, _ standIn: String, _ kind: Kind) {
    words.append(Word(bytes: Self.folded(word), standIn: standIn, kind: kind))
    // Longest first: a path is hidden before the user name in it.
    words.sort { $0.bytes.count > $1.bytes.count }
  }

  private static func folded(_ text: String) -> [UInt8] { text.utf8.map(folded) }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }

  /// A line with identifying information replaced.
  package mutating func masked(_ line: String) -> String {
    let bytes = Array(SecretMask.masked(SafeText.line(line)).utf8)
    let folded = bytes.map(Self.folded)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let isStart = at == 0 || !Self.isPart(bytes[at - 1])
      let isAfterDot = at > 0 && bytes[at - 1] == UInt8(ascii: ".")
      if isStart, !isAfterDot, let end = Self.endOfAddress(bytes, at) {
        result += "ADDRESS".utf8
        at = end
      } else if isStart || bytes[at] == UInt8(ascii: "/"),
        let word = words.first(where: { Self.stands($0.bytes, in: folded, at) })
      {
        result += word.standIn.utf8
        at += word.bytes.count
        if word.kind == .owner { at = hideRepository(folded, at, of: word.standIn, &result) }
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Hides the repository after an owner.
  ///
  /// - Returns: the position after it.
  private mutating func hideRepository(_ bytes: [UInt8], _ at: Int, of owner: String, _ result: inout [UInt8]) -> Int {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "/") else { return at }
    var end = at + 1
    while end < bytes.count, Self.isPart(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
    // The full stop of a sentence.
    while end > at + 1, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
    guard end > at + 1 else { return at }
    let name = owner + "/" + String(decoding: bytes[at + 1..<end], as: UTF8.self)
    let number = repositories[name] ?? repositories.count + 1
    repositories[name] = number
    result += "/REPOSITORY-\(number)".utf8
    return end
  }

  private static func stands(_ word: [UInt8], in bytes: [UInt8], _ at: Int) -> Bool {
    let end = at + word.count
    return end <= bytes.count && bytes[at..<end].elementsEqual(word) && (end == bytes.count || !isPart(bytes[end]))
  }

  /// Whether a byte can be part of a name: letters, digits, `-`, `_`, and anything that is not ASCII.
  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
      true
    default: false
    }
  }

  /// The end of an IPv4 address that starts here; nil if there is none, or for addresses of this machine.
  private static func endOfAddress(_ bytes: [UInt8], _ start: Int) -> Int? {
    var (at, parts, number) = (start, [Int](), Int?.none)
    while at < bytes.count, parts.count < 4 {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) {
        number = (number ?? 0) * 10 + Int(bytes[at] - UInt8(ascii: "0"))
        guard number ?? 0 <= 255 else { return nil }
      } else if bytes[at] == UInt8(ascii: "."), let known = number, parts.count < 3 {
        parts.append(known)
        number = nil
      } else {
        break
      }
      at += 1
    }
    guard parts.count == 3, let last = number, at == bytes.count || !isPart(bytes[at]) else { return nil }
    // A version with more parts is not an address.
    if at + 1 < bytes.count, bytes[at] == UInt8(ascii: "."), (0x30...0x39).contains(bytes[at + 1]) { return nil }
    parts.append(last)
    return parts[0] == 127 || parts == [0, 0, 0, 0] ? nil : at
  }
}
