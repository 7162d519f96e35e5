import Basics

/// Which part of a container's log is wanted.
package struct LogRequest: Sendable, Equatable {
  /// The pod.
  package var pod: String
  /// Its namespace.
  package var namespace: String
  /// The container in it.
  package var container: String
  /// Begin with so many of the last lines; nil for all.
  package var tail: Int?
  /// Go on with what comes.
  package var follows: Bool
  /// Only what is not older than this many seconds since 1970.
  package var since: Int64?

  /// Describes a request.
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

  /// The path of the API that answers it. Each line comes with its time.
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
  /// When the container wrote it, in seconds since 1970, when that is known.
  package var time: Int64?
  /// What it says, safe to be shown.
  package var text: String

  /// The most of a line that is kept.
  package static let limit = 16 << 10

  /// Makes a line of text that is safe to be shown.
  package init(pod: String, time: Int64?, text: String) {
    self.pod = pod
    self.time = time
    self.text = text
  }

  /// Reads a line that begins with its time.
  ///
  /// - Parameter keepsColors: whether sequences of SGR stay in the text, for who draws them itself.
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

  /// Reads a line that begins with its time, without colours.
  package init(pod: String, _ bytes: ArraySlice<UInt8>) { self.init(pod: pod, bytes, keepsColors: false) }
}
