import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Splits a stream into lines without converting them to text. An API object has at most some 1.5 MB, so a longer line
/// of a document means a broken stream; a longer line of a log is passed on in pieces.
package final class StreamLines: Sendable {
  package static let limit = 4 << 20
  package static let pieceLimit = 64 << 10
  private let rest = Lock<[UInt8]>([])
  private let cutsLongLines: Bool

  package init(cutsLongLines: Bool = false) { self.cutsLongLines = cutsLongLines }

  /// The lines completed by a chunk.
  ///
  /// - Throws: `EngineError` if a line is longer than any object can be.
  package func append(_ chunk: [UInt8]) throws -> [ArraySlice<UInt8>] {
    try rest.withLock { rest in
      guard let lastEnd = chunk.lastIndex(of: UInt8(ascii: "\n")) else {
        rest.append(contentsOf: chunk)
        if cutsLongLines, rest.count > Self.pieceLimit {
          let cut = TextCut.place(in: rest, upTo: rest.count)
          defer { rest = Array(rest[cut...]) }
          return [rest[..<cut]]
        }
        guard rest.count <= Self.limit else {
          rest = []
          throw EngineError(.failed, "The cluster sent a line of more than \(Self.limit >> 20) MB")
        }
        return []
      }
      let whole = rest.isEmpty ? chunk[..<lastEnd] : (rest + chunk[..<lastEnd])[...]
      rest = Array(chunk[(lastEnd + 1)...])
      return Self.split(whole)
    }
  }

  private static func split(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end =
        bytes[start...].withUnsafeBytes { rest -> Int? in
          guard let base = rest.baseAddress, let found = memchr(base, 0x0A, rest.count) else { return nil }
          return start + (UnsafeRawPointer(found) - base)
        } ?? bytes.endIndex
      if end > start { lines.append(bytes[start..<end]) }
      start = end + 1
    }
    return lines
  }

  /// What came after the last line end.
  package func finish() -> ArraySlice<UInt8>? {
    rest.withLock { rest in
      defer { rest = [] }
      return rest.isEmpty ? nil : rest[...]
    }
  }
}
