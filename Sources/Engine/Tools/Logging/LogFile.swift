import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A log file of what deskrun itself does and decides, for later troubleshooting: a line for each call of a program,
/// each request to the cluster, each step of a plan, and each error. Secrets are masked in every line.
package final class LogFile: Sendable {
  /// The subject of a line.
  package enum Subject: String, Sendable {
    /// Start or end of the program.
    case run
    /// A program that deskrun runs.
    case call
    /// A request to the cluster's API through the proxy.
    case ask
    /// A plan and its steps.
    case plan
    /// An error that was shown to the user.
    case error
  }

  package let path: String
  private let file: AppendedFile
  private let state = Lock((calls: 0, lost: 0, why: Int32(0)))

  /// Maximum number of bytes per line: output of programs can be long.
  private static let limit = 4096

  /// Opens the file, or creates it for this user only.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  package init(path: String) throws(EngineError) {
    self.path = path
    do throws(FileIO.Failure) { file = try AppendedFile(path) } catch {
      throw EngineError(
        .invalid, "The log file \(SafeText.line(path)) cannot be written", why: error.reason,
        fix: "Name a file of your own in an existing folder")
    }
  }

  /// Logs an operation before it starts and after it ends, with a number that both lines share. So the last line of a
  /// log shows what a program that hangs was doing.
  ///
  /// - Parameter ending: how it ended and further remarks, one line each.
  func noting<Answer>(
    _ subject: Subject, _ what: String, _ body: () async throws -> Answer,
    ending: (Answer) -> (words: String, details: [String])
  ) async throws -> Answer {
    let number = state.withLock { state in
      state.calls += 1
      return state.calls
    }
    let start = ContinuousClock.now
    note(subject, "#\(number) \(what)")
    do {
      let answer = try await body()
      let (words, details) = ending(answer)
      note(subject, "#\(number) \(words) after \(Self.span(since: start))")
      for line in details { note(subject, "#\(number) says: \(line)") }
      return answer
    } catch {
      note(subject, "#\(number) \(Self.words(error)) after \(Self.span(since: start))")
      throw error
    }
  }

  /// Appends a line. Lines that cannot be written are counted, and reported with the next line that can.
  package func note(_ subject: Subject, _ text: String) {
    let safe = Array(SecretMask.masked(SafeText.line(text)).utf8)
    let shown = safe.count > Self.limit ? String(decoding: safe.prefix(Self.limit), as: UTF8.self) + " … (cut)" : nil
    let line = "\(Self.now()) [\(getpid())] \(subject.rawValue): \(shown ?? String(decoding: safe, as: UTF8.self))"
    state.withLock { state in
      if state.lost > 0 {
        let words = "\(Self.now()) [\(getpid())] run: \(state.lost) lines could not be written"
        guard file.add("\(words): \(String(cString: strerror(state.why)))") == 0 else {
          state.lost += 1
          return
        }
        state.lost = 0
      }
      state.why = file.add(line)
      if state.why != 0 { state.lost += 1 }
    }
  }

  /// `2026-11-24T00:01:18.042Z`.
  private static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = String(time.tv_nsec / 1_000_000)
    let padding = String(repeating: "0", count: max(0, 3 - milliseconds.count))
    return Timestamp.text(Int64(time.tv_sec)).dropLast() + "." + padding + milliseconds + "Z"
  }

  /// The time since a moment, in milliseconds.
  package static func span(since start: ContinuousClock.Instant) -> String {
    "\(start.duration(to: .now).nanoseconds / 1_000_000) ms"
  }

  /// An error on one line.
  package static func words(_ error: any Error) -> String {
    switch error {
    case is CancellationError: "canceled"
    case let error as EngineError:
      ([error.what] + [error.why].compactMap { $0 } + error.details).joined(separator: "; ")
    default: String(describing: error)
    }
  }
}
