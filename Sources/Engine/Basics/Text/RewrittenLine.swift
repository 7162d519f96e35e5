/// A line that a program wrote over with carriage returns, as progress bars do, as a terminal shows it in the end.
package enum RewrittenLine {
  /// The line as it is seen last: what was written later covers what stood in its place, and `ESC [ K` erases the rest.
  /// A line without a carriage return stays as it is.
  package static func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard bytes.contains(0x0D) else { return nil }
    var seen: [UInt8] = []
    for part in bytes.split(separator: 0x0D) where !part.isEmpty {
      let part = erased(Array(part), &seen)
      // A part with colors cannot be laid over another byte by byte; what it leaves visible is the rest of a line.
      if part.contains(0x1B) || seen.contains(0x1B) {
        if !part.isEmpty { seen = part }
        continue
      }
      seen = covered(seen, by: part)
    }
    return seen
  }

  /// A part without the sequences that erase; they clear what was there from their place on.
  private static func erased(_ part: [UInt8], _ seen: inout [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var at = 0
    while at < part.count {
      if part[at] == 0x1B, at + 1 < part.count, part[at + 1] == UInt8(ascii: "[") {
        var end = at + 2
        while end < part.count, (0x30...0x3F).contains(part[end]) { end += 1 }
        if end < part.count, part[end] == UInt8(ascii: "K") {
          seen = covered(seen, by: result, cutsRest: true)
          at = end + 1
          continue
        }
      }
      result.append(part[at])
      at += 1
    }
    return result
  }

  /// Characters over characters: a place may hold several bytes.
  private static func covered(_ old: [UInt8], by new: [UInt8], cutsRest: Bool = false) -> [UInt8] {
    guard !cutsRest, new.count < old.count else { return new }
    let (old, new) = (String(decoding: old, as: UTF8.self), String(decoding: new, as: UTF8.self))
    return Array((new + old.dropFirst(new.count)).utf8)
  }
}
