import Basics

/// What keeps a watch from telling what changes, while the cluster answers otherwise.
package struct WatchTrouble: Sendable, Equatable {
  /// What is wrong with the watch.
  package enum Cause: Sendable, Equatable {
    /// It ends as soon as it was begun, without an error.
    case endsEarly
    /// The server keeps saying that the version asked for is too old (410).
    case expires
    /// It answers with text that is not JSON; its first line, safe to show.
    case notJSON(line: String)
    /// It stopped telling what changes without ending. What was missed is read, and it is started again.
    case stalled
    /// It is refused, and lists are read in its place; the reason, safe to show.
    case refused(String)
    /// It fails, or the list that begins it does; the reason, safe to show.
    case fails(String)
  }

  /// The resource that is watched, in plural: `pods`.
  package var resource: String
  /// What is wrong with the watch.
  package var cause: Cause
  /// Seconds until it is tried again.
  package var wait: Int64?

  /// Describes a trouble.
  package init(resource: String, cause: Cause, wait: Int64? = nil) {
    (self.resource, self.cause, self.wait) = (resource, cause, wait)
  }

  /// Whether what is known is current all the same: lists are read every few seconds.
  package var isCurrent: Bool { if case .refused = cause { true } else { false } }

  /// What is wrong, in a sentence without its full stop.
  package var sentence: String {
    switch cause {
    case .endsEarly: "The watch of \(resource) ends as soon as it starts"
    case .expires: "The watch of \(resource) keeps expiring (410)"
    case .notJSON(let line): "The watch of \(resource) sends no JSON: \(line)"
    case .stalled: "The watch of \(resource) stopped reporting changes and is restarted"
    case .refused(let why): "Watching \(resource) is refused, listing them every few seconds instead: \(why)"
    case .fails(let why): "The watch of \(resource) fails: \(why)"
    }
  }
}

/// Why one round of a watch ended, where it was the server's answer.
enum WatchFailure: Error, Equatable {
  /// A line that is not an event; its begin, safe to show.
  case notJSON(line: String)
  /// An event of the type ERROR, with its code and message.
  case ended(code: Int?, message: String)
  /// Changes were missed: the stream is there and tells nothing.
  case stalled
}

/// What a failure of kubectl means for a watch.
enum WatchVerdict {
  case unknownKind, refusesInitialEvents, expired, failed

  package init(_ error: EngineError) {
    let text = ([error.what, error.why ?? ""] + error.details).joined(separator: " ").lowercased()
    if error.kind == .notFound {
      self = .unknownKind
    } else if text.contains("expired") || text.contains("too old") || text.contains("410") {
      self = .expired
    } else if text.contains("sendinitialevents") || text.contains("resourceversionmatch") {
      self = .refusesInitialEvents
    } else {
      self = .failed
    }
  }
}

/// How a watch does, as it tells whoever keeps its objects.
package enum WatchReport: Sendable, Equatable {
  /// Nothing that happened until now is missing.
  case current
  /// It works: what was wrong before is over.
  case works
  /// Something is wrong. What is known is as old as the last time it was current.
  case trouble(WatchTrouble)
}

extension WatchTrouble.Cause {
  /// Whether it is worth a word the first time it happens.
  var isTelling: Bool {
    switch self {
    case .notJSON, .stalled, .refused: true
    case .endsEarly, .expires, .fails: false
    }
  }
}
