import Engine
import Synchronization

/// Writes logs to a file or pipe exactly as the containers wrote them: carriage returns, colors, lines of any length.
/// Only the API's timestamps are removed, and pod names are written before lines if there are several pods.
package final class RawLog: Sendable {
  private let console: Console
  private let isNamed: Bool
  /// The pod whose line may continue with the next piece.
  private let open = Lock<String?>(nil)

  /// - Parameter isNamed: whether to write the pod's name before each line.
  package init(_ console: Console, isNamed: Bool) {
    self.console = console
    self.isNamed = isNamed
  }

  /// Writes pieces of a pod's log.
  ///
  /// - Throws: `StreamClosed` if nobody reads anymore.
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
        // A line that was split because of its length has not ended yet.
        open = piece.count >= StreamLines.pieceLimit - 4 ? pod : nil
        if open == nil { bytes.append(0x0A) }
      }
      try console.write(raw: bytes)
    }
  }

  /// Ends an incomplete line.
  package func finish() throws {
    try open.withLock { open in
      if open != nil { try console.write(raw: [0x0A]) }
      open = nil
    }
  }

  /// The text after the timestamp, or nil without one.
  private static func withoutTime(_ piece: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let space = piece.prefix(48).firstIndex(of: UInt8(ascii: " ")),
      Timestamp.parse(piece[piece.startIndex..<space]) != nil
    else { return nil }
    return piece[(space + 1)...]
  }
}
