import Synchronization

/// Cuts a stream into lines without turning them into text. An object of the API is at most some 1.5 MB, so a longer
/// line of a document is a broken stream; a longer line of a log is handed on in pieces.
final class StreamLines: Sendable {
  static let limit = 4 << 20
  static let pieceLimit = 64 << 10
  private let rest = Mutex<[UInt8]>([])
  private let cutsLongLines: Bool

  init(cutsLongLines: Bool = false) { self.cutsLongLines = cutsLongLines }

  /// The lines complete now.
  ///
  /// - Throws: `EngineError` when a line is longer than any object can be.
  func append(_ chunk: [UInt8]) throws -> [ArraySlice<UInt8>] {
    try rest.withLock { rest in
      guard let lastEnd = chunk.lastIndex(of: UInt8(ascii: "\n")) else {
        rest.append(contentsOf: chunk)
        if cutsLongLines, rest.count > Self.pieceLimit {
          defer { rest = [] }
          return [rest[...]]
        }
        guard rest.count <= Self.limit else {
          rest = []
          throw EngineError(.failed, "The cluster sent a line of more than \(Self.limit >> 20) MB")
        }
        return []
      }
      let whole = rest.isEmpty ? chunk[..<lastEnd] : (rest + chunk[..<lastEnd])[...]
      rest = Array(chunk[(lastEnd + 1)...])
      return whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    }
  }

  /// What came after the last line end.
  func finish() -> ArraySlice<UInt8>? {
    rest.withLock { rest in
      defer { rest = [] }
      return rest.isEmpty ? nil : rest[...]
    }
  }
}
