import Basics

/// The reason why a watch does not report changes although the cluster responds otherwise.
package struct WatchTrouble: Sendable, Equatable {
  /// What is wrong with the watch.
  package enum Cause: Sendable, Equatable {
    /// It ends as soon as it starts, without an error.
    case endsEarly
    /// The server keeps reporting that the requested version is too old (410).
    case expires
    /// The response is not JSON; its first line, safe to show.
    case notJSON(line: String)
    /// It stopped reporting changes without ending. Missed changes are read, and it is restarted.
    case stalled
    /// It is refused, and lists are read instead; the reason, safe to show.
    case refused(String)
    /// It fails, or its initial list does; the reason, safe to show.
    case fails(String)
  }

  /// The watched resource, in plural: `pods`.
  package var resource: String
  /// What is wrong with the watch.
  package var cause: Cause
  /// Seconds until the next attempt.
  package var wait: Int64?

  package init(resource: String, cause: Cause, wait: Int64? = nil) {
    (self.resource, self.cause, self.wait) = (resource, cause, wait)
  }

  /// Whether data is up to date anyway: lists are read every few seconds.
  package var isCurrent: Bool { if case .refused = cause { true } else { false } }

  /// The problem, in a sentence without a full stop.
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

/// Why a round of a watch ended, if by the server's response.
enum WatchFailure: Error, Equatable {
  /// A line that is not an event; its start, safe to show.
  case notJSON(line: String)
  /// An event of type ERROR, with its code and message.
  case ended(code: Int?, message: String)
  /// Changes were missed: the stream is open but silent.
  case stalled
}

/// The meaning of a kubectl failure for a watch.
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

/// The state of a watch, as reported to the owner of its objects.
package enum WatchReport: Sendable, Equatable {
  /// No change is missing so far.
  case current
  /// It works: an earlier problem is over.
  case works
  /// There is a problem. Data is as old as the last time it was current.
  case trouble(WatchTrouble)
}

extension WatchTrouble.Cause {
  /// Whether the first occurrence should be reported at once.
  var isTelling: Bool {
    switch self {
    case .notJSON, .stalled, .refused: true
    case .endsEarly, .expires, .fails: false
    }
  }
}
