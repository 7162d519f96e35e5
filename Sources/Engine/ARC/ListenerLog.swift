import Basics

/// A fact from a listener's log.
package enum ListenerFact: Sendable, Equatable {
  /// A job started on a runner.
  case started(runner: String, job: Job, at: Int64?)
  /// A job completed, with the result GitHub reports.
  case completed(runner: String, result: JobResult, at: Int64?)
  /// The number of jobs assigned to the scale set, including running ones, and of runners that ARC wants.
  case counted(assigned: Int, wanted: Int, maximum: Int?, at: Int64?)
  /// It polls GitHub for messages, so it has a session.
  case polled(at: Int64?)
  /// It cannot do its work.
  case problem(ListenerProblem, at: Int64?)
}

/// A problem that a listener reports.
package struct ListenerProblem: Sendable, Equatable {
  /// The classified reason.
  package var failure: ListenerFailure
  /// The listener's message, shortened for display, including the status and the reason.
  package var text: String
  /// Whether the listener ended with this message; after any other it retries.
  package var isLastWord: Bool

  package init(failure: ListenerFailure, text: String, isLastWord: Bool) {
    (self.failure, self.text, self.isLastWord) = (failure, text, isLastWord)
  }

  /// Reads a listener's message of any length.
  package init(_ words: String, isLastWord: Bool) {
    failure = ListenerFailure(words)
    text = ListenerFailure.shown(words)
    self.isLastWord = isLastWord
  }
}

/// Reads the listener's structured log, in the text and JSON formats of Go's slog (ARC 0.12 and newer use text unless
/// configured otherwise; cmd/ghalistener in ARC's source).
package enum ListenerLog {
  /// The fact in a line, or nil if it is of no interest. The message decides which, and the rest is read by key.
  ///
  /// - Parameter line: as returned by the API, with or without its timestamp.
  package static func fact(_ line: ArraySlice<UInt8>) -> ListenerFact? {
    guard line.count < 64 << 10 else { return nil }
    let text = String(decoding: line, as: UTF8.self)
    let fields = LogFields(text)
    switch fields.message {
    case "Updating job info for the runner": return started(fields)
    case "Job completed message received.", "Job completed message received": return completed(fields)
    case "Calculated target runner count": return counted(fields)
    case "Getting next message": return .polled(at: fields.time)
    default: return problem(fields, text)
    }
  }

  private static func started(_ fields: LogFields) -> ListenerFact? {
    guard let runner = fields["runnerName"], !runner.isEmpty else { return nil }
    var status = JobStatus()
    status.id = fields["jobId"] ?? fields["jobID"] ?? runner
    status.name = fields["jobDisplayName"] ?? ""
    status.workflowRef = fields["workflowRef"] ?? ""
    status.runID = fields["workflowRunId"].flatMap { Int($0) } ?? 0
    let owner = fields["ownerName"] ?? ""
    let repository = fields["repoName"] ?? ""
    status.repository = owner.isEmpty ? repository : "\(owner)/\(repository)"
    guard let job = Job(status) else { return nil }
    return .started(runner: runner, job: job, at: fields.time)
  }

  private static func completed(_ fields: LogFields) -> ListenerFact? {
    guard let runner = fields["RunnerName"] ?? fields["runnerName"], !runner.isEmpty else { return nil }
    let word = fields["Result"] ?? fields["result"] ?? ""
    return .completed(runner: runner, result: .init(word: word), at: fields.time)
  }

  private static func counted(_ fields: LogFields) -> ListenerFact? {
    guard let assigned = fields["assigned job"].flatMap({ Int(written: $0) }),
      let wanted = fields["decision"].flatMap({ Int(written: $0) })
    else { return nil }
    // Without a limit, ARC writes the largest integer.
    let maximum = fields["max"].flatMap { Int(written: $0) }.flatMap { $0 >= Bounds.count.upperBound ? nil : $0 }
    return .counted(assigned: assigned, wanted: wanted, maximum: maximum, at: fields.time)
  }

  private static func problem(_ fields: LogFields, _ text: String) -> ListenerFact? {
    let isLastWord = fields.message.hasPrefix("Application returned an error")
    let isConflict = [fields.message, fields.error ?? ""].contains {
      $0.contains("RunnerScaleSetSessionConflictException")
    }
    guard fields.isError || isLastWord || isConflict else { return nil }
    let words = [fields.error, fields.message].lazy.compactMap { $0 }.first { !$0.isEmpty } ?? text
    // The listener was asked to stop, as when it is replaced.
    if isLastWord, words.hasSuffix("context canceled") { return nil }
    return .problem(ListenerProblem(words, isLastWord: isLastWord), at: fields.time)
  }
}
