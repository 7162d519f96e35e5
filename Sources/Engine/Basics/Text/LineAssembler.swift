#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Splits a byte stream into lines at `\n` or `\r\n`. A line longer than the limit is truncated, so that a program that
/// never ends a line cannot fill memory.
package struct LineAssembler: Sendable {

  package init() {
  }
  /// The maximum number of bytes kept of a line.
  package static let limit = 64 << 10
  private var rest: [UInt8] = []
  private var isOverlong = false

  /// The lines completed by a chunk, as text; invalid UTF-8 becomes U+FFFD.
  package mutating func append(_ chunk: [UInt8]) -> [String] {
    var lines: [String] = []
    var start = chunk.startIndex
    while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
      keep(chunk[start..<end])
      lines.append(take())
      start = end + 1
    }
    keep(chunk[start...])
    return lines
  }

  /// The last line, if the stream did not end with a newline.
  package mutating func finish() -> String? { rest.isEmpty && !isOverlong ? nil : take() }

  private mutating func keep(_ part: ArraySlice<UInt8>) {
    guard !isOverlong else { return }
    rest.append(contentsOf: part.prefix(Self.limit - rest.count))
    isOverlong = rest.count == Self.limit
  }

  private mutating func take() -> String {
    if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    if isOverlong { rest.removeSubrange(TextCut.place(in: rest, upTo: rest.count)...) }
    defer {
      rest.removeAll(keepingCapacity: true)
      isOverlong = false
    }
    return String(decoding: rest, as: UTF8.self)
  }
}
