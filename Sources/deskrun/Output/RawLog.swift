import Engine
import Synchronization

/// Writes logs into a file or pipe as the containers wrote them, byte for byte: carriage returns, colors, lines of any
/// length. Only the times that the API adds are removed, and the names of pods are put before the lines where there are
/// several.
package final class RawLog: Sendable {
  private let console: Console
  private let isNamed: Bool
  /// The pod whose line may go on with the next piece.
  private let open = Lock<String?>(nil)

  /// - Parameter isNamed: whether the pod's name is put before each line.
  package init(_ console: Console, isNamed: Bool) {
    self.console = console
    self.isNamed = isNamed
  }

  /// Writes pieces of a pod's log.
  ///
  /// - Throws: `StreamClosed` when nobody reads any more.
  package func write(_ pod: String, _ pieces: [ArraySlice<UInt8>]) throws {
    try open.withLock { open in
      var bytes: [UInt8] = []
      for piece in pieces {
        let text = Self.withoutTime(piece)
        if text == nil, open == pod {
          bytes += piece
        } else {
          if open != nil { bytes.append(0x0A) }
          if isNamed { bytes += Array("\(SafeText.line(pod))  ".utf8) }
          bytes += text ?? piece
        }
        // A line that was cut for its length has no end yet.
        open = piece.count >= StreamLines.pieceLimit - 4 ? pod : nil
        if open == nil { bytes.append(0x0A) }
      }
      try console.write(raw: bytes)
    }
  }

  /// Ends a line that was left open.
  package func finish() throws {
    try open.withLock { open in
      if open != nil { try console.write(raw: [0x0A]) }
      open = nil
    }
  }

  /// The text behind the time, or nil when there is no time.
  private static func withoutTime(_ piece: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let space = piece.prefix(48).firstIndex(of: UInt8(ascii: " ")),
      Timestamp.parse(piece[piece.startIndex..<space]) != nil
    else { return nil }
    return piece[(space + 1)...]
  }
}
