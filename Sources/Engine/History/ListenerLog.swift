/// What a listener's log says.
public enum ListenerFact: Sendable, Equatable {
  /// A job began on a runner.
  case started(runner: String, job: Job, at: Int64?)
  /// A job ended; GitHub's word.
  case completed(runner: String, result: JobRecord.Result, at: Int64?)
  /// How many jobs GitHub has assigned to the scale set, those that run included, and how many runners ARC wants.
  case counted(assigned: Int, wanted: Int, maximum: Int?, at: Int64?)
  /// It cannot do its work; in its own words.
  case problem(String, at: Int64?)
}

/// Reads the listener's structured log, in the text and in the JSON form of Go's slog (ARC 0.12 and newer write the
/// first unless told otherwise; cmd/ghalistener in the sources of ARC).
public enum ListenerLog {
  /// What a line says, or nil when it says nothing of interest.
  ///
  /// - Parameter line: as the API gives it, with or without its time stamp.
  public static func fact(_ line: ArraySlice<UInt8>) -> ListenerFact? {
    guard line.count < 8000 else { return nil }
    let text = String(decoding: line, as: UTF8.self)
    let at = Timestamp.parse(String(text.prefix { $0 != " " }))
    if text.contains("Updating job info for the runner") {
      guard let runner = value("runnerName", text), !runner.isEmpty else { return nil }
      var status = JobStatus()
      status.id = value("jobId", text) ?? value("jobID", text) ?? runner
      status.name = value("jobDisplayName", text) ?? ""
      status.workflowRef = value("workflowRef", text) ?? ""
      status.runID = value("workflowRunId", text).flatMap { Int($0) } ?? 0
      let owner = value("ownerName", text) ?? ""
      let repository = value("repoName", text) ?? ""
      status.repository = owner.isEmpty ? repository : "\(owner)/\(repository)"
      guard let job = Job(status) else { return nil }
      return .started(runner: runner, job: job, at: at)
    }
    if text.contains("Job completed message received") {
      guard let runner = value("RunnerName", text) ?? value("runnerName", text), !runner.isEmpty else { return nil }
      return .completed(
        runner: runner, result: .init(word: value("Result", text) ?? value("result", text) ?? ""), at: at)
    }
    if text.contains("Calculated target runner count") {
      guard let assigned = value("assigned job", text).flatMap({ Int($0) }),
        let wanted = value("decision", text).flatMap({ Int($0) })
      else { return nil }
      // Without a limit ARC writes the largest number there is.
      let maximum = value("max", text).flatMap { Int($0) }.flatMap { $0 >= Int(Int32.max) ? nil : $0 }
      return .counted(assigned: assigned, wanted: wanted, maximum: maximum, at: at)
    }
    let isError =
      text.contains("level=ERROR") || text.contains("\"level\":\"ERROR\"")
      || text.contains("Application returned an error")
    if isError || text.contains("RunnerScaleSetSessionConflictException") {
      let words = value("error", text) ?? value("err", text) ?? value("msg", text) ?? text
      return .problem(SafeText.line(String(words.prefix(400))), at: at)
    }
    return nil
  }

  /// The value of a key: `key=word`, `key="words"`, `"key"="…"`, or `"key":…`.
  static func value(_ key: String, _ text: String) -> String? {
    for (opening, isJSON) in [("\(key)=", false), ("\"\(key)\"=", false), ("\"\(key)\":", true)] {
      guard let found = text.firstRange(of: opening) else { continue }
      // A key that ends with another: `ownerRunnerName=` is not `RunnerName=`.
      if found.lowerBound > text.startIndex, !isJSON {
        let before = text[text.index(before: found.lowerBound)]
        if before.isLetter || before.isNumber { continue }
      }
      let rest = text[found.upperBound...]
      if rest.first == "\"" {
        let quoted = rest.utf8
        var end = quoted.index(after: quoted.startIndex)
        while end < quoted.endIndex, quoted[end] != UInt8(ascii: "\"") {
          if quoted[end] == UInt8(ascii: "\\") { end = quoted.index(after: end) }
          guard end < quoted.endIndex else { return nil }
          end = quoted.index(after: end)
        }
        guard end < quoted.endIndex else { return nil }
        return (try? JSONValue(parsing: String(rest[...end])))?.stringValue
      }
      return String(rest.prefix { $0 != " " && $0 != "," && $0 != "}" })
    }
    return nil
  }
}
