import Basics

/// Which part of a container's log to read.
package struct LogRequest: Sendable, Equatable {
  package var pod: String
  package var namespace: String
  package var container: String
  /// The number of last lines to start with; nil for all.
  package var tail: Int?
  /// Whether to continue with new lines.
  package var follows: Bool
  /// The earliest time of a line, in seconds since 1970.
  package var since: Int64?

  package init(
    pod: String, namespace: String, container: String, tail: Int? = nil, follows: Bool = false, since: Int64? = nil
  ) {
    self.pod = pod
    self.namespace = namespace
    self.container = container
    self.tail = tail
    self.follows = follows
    self.since = since
  }

  /// The API path for the request. Each line starts with its timestamp.
  package var path: String {
    var path =
      "/api/v1/namespaces/\(PercentEncoding.escaped(namespace))/pods/\(PercentEncoding.escaped(pod))/log"
      + "?container=\(PercentEncoding.escaped(container))&timestamps=true"
    if follows { path += "&follow=true" }
    if let tail { path += "&tailLines=\(tail)" }
    if let since { path += "&sinceTime=\(PercentEncoding.escaped(Timestamp.text(since)))" }
    return path
  }

}

/// A line of a log.
package struct LogLine: Sendable, Equatable {
  /// The pod it comes from.
  package var pod: String
  /// When the container wrote it, in seconds since 1970, if known.
  package var time: Int64?
  /// Its text, safe to show.
  package var text: String

  /// Maximum number of bytes to keep of a line.
  package static let limit = 16 << 10

  /// Creates a line from text that is safe to show.
  package init(pod: String, time: Int64?, text: String) {
    self.pod = pod
    self.time = time
    self.text = text
  }

  /// Parses a line that starts with its timestamp.
  ///
  /// - Parameter keepsColors: whether SGR sequences are kept in the text, for callers that draw colors.
  package init(pod: String, _ bytes: ArraySlice<UInt8>, keepsColors: Bool) {
    self.pod = pod
    var text = ""
    time = bytes.withUnsafeBufferPointer { whole in
      var time: Int64?
      var rest = whole
      if let space = whole.prefix(48).firstIndex(of: UInt8(ascii: " ")),
        let parsed = Timestamp.parse(UnsafeBufferPointer(rebasing: whole[..<space]))
      {
        time = parsed
        rest = UnsafeBufferPointer(rebasing: whole[(space + 1)...])
      }
      if let shown = RewrittenLine.shown(rest) {
        text = shown.withUnsafeBufferPointer { Self.text($0, keepsColors: keepsColors) }
      } else {
        text = Self.text(rest, keepsColors: keepsColors)
      }
      return time
    }
    self.text = text
  }

  private static func text(_ bytes: UnsafeBufferPointer<UInt8>, keepsColors: Bool) -> String {
    let isCut = bytes.count > limit
    let kept = isCut ? UnsafeBufferPointer(rebasing: bytes[..<TextCut.place(in: bytes, upTo: limit)]) : bytes
    let whole = String(decoding: kept, as: UTF8.self)
    if !isCut, SafeText.isHarmless(kept, keepsColors: keepsColors) { return whole }
    return (keepsColors ? SafeText.colored(whole) : SafeText.line(whole)) + (isCut ? " … (cut)" : "")
  }

  /// Parses a line that starts with its timestamp, without colors.
  package init(pod: String, _ bytes: ArraySlice<UInt8>) { self.init(pod: pod, bytes, keepsColors: false) }
}
