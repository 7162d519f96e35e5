import Engine

/// Logs of the demo's containers: lines with the demo's second at which they were written.
extension DemoWorld {
  /// The log of a container until now, or kubectl's error if the pod or container does not exist.
  func log(pod: String, container: String) -> Result<[(time: Double, text: String)], DemoFailure> {
    wholeLog(pod: pod, container: container).map { $0.filter { $0.time <= now } }
  }

  /// The same with the lines that a runner will write later, as far as they are known.
  ///
  /// - Parameter since: the earliest time of lines in a log that is generated on demand, as all except those of runners
  ///   are.
  func wholeLog(
    pod: String, container: String, after since: Double = -.infinity
  ) -> Result<[(time: Double, text: String)], DemoFailure> {
    if pod == controllerPodName { return .success(controllerLog(after: since)) }
    for set in scaleSets {
      if hasListener(set), set.listenerName == pod { return .success(listenerLog(set, after: since)) }
      if let log = jobPodLog(pod, set) { return log }
      guard let runner = set.runner(named: pod, at: now) else { continue }
      if container == "dind" { return .success(dindLog(runner)) }
      guard now >= runner.ready || DemoTrouble(self)?.log(of: runner) != nil, runner.badImage == nil else {
        return .failure(
          .badRequest(
            "container \"\(container)\" in pod \"\(pod)\" is waiting to start: "
              + (runner.badImage == nil ? "ContainerCreating" : "trying and failing to pull image")))
      }
      return .success(DemoTrouble(self)?.log(of: runner) ?? runnerLog(runner))
    }
    return .failure(.notFound("pods \"\(pod)\" not found"))
  }

  private func stamp(_ time: Double) -> String { Timestamp.text(Int64(clock.wall(of: time))) }

  func runnerLog(_ runner: DemoRunner) -> [(time: Double, text: String)] {
    var lines: [(time: Double, text: String)] = []
    func say(_ time: Double, _ text: String) { lines.append((time, text)) }
    func clockText(_ time: Double) -> String {
      let stamp = stamp(time)
      return stamp.prefix(10) + " " + stamp.dropFirst(11)
    }
    say(runner.ready, "")
    say(runner.ready, "√ Connected to GitHub")
    say(runner.ready, "")
    say(runner.ready, "Current runner version: '2.335.1'")
    say(runner.ready + 0.2, "\(clockText(runner.ready)): Listening for Jobs")
    say(runner.busy, "\(clockText(runner.busy)): Running job: \(runner.job.name)")
    let failing = scaleSets.first { $0.name == runner.scaleSet }?.failingJobLine
    var random = DemoRandom(state.seed, runner.name, "commit")
    let steps = DemoSteps(runner, failing: failing, revision: String(random.uuid().prefix(7))).all
    let length = (runner.over - runner.busy) / Double(steps.count + 1)
    for (index, step) in steps.enumerated() {
      let start = runner.busy + length * (Double(index) + 0.5)
      say(start, "##[group]\(step.title)")
      for (number, line) in step.lines.enumerated() {
        say(start + length * Double(number + 1) / Double(step.lines.count + 2), line)
      }
      if let error = step.error { say(start + length * 0.9, "##[error]\(error)") }
    }
    say(runner.over, "\(clockText(runner.over)): Job \(runner.job.name) completed with result: \(runner.end.rawValue)")
    say(runner.over, "√ Removed .credentials")
    say(runner.over, "√ Removed .runner")
    say(runner.over, "Runner listener exit with 0 return code, stop the service, no retry needed.")
    say(runner.over, "Exiting runner...")
    return lines
  }

  /// The log of the pod that a runner created for its job; nil if it has no pod with that name.
  private func jobPodLog(_ pod: String, _ set: DemoScaleSet) -> Result<[(time: Double, text: String)], DemoFailure>? {
    guard pod.hasSuffix("-workflow"), let runner = set.runner(named: String(pod.dropLast(9)), at: now),
      let object = objects("pods").first(where: { $0["metadata"]?["name"]?.stringValue == pod })
    else { return nil }
    guard object["status"]?["phase"] == "Running" else {
      return .failure(
        .badRequest("container \"job\" in pod \"\(pod)\" is waiting to start: trying and failing to pull image"))
    }
    let start = runner.busy + 3
    let length = (runner.over - start) / Double(Self.jobPodLines + 1)
    return .success(
      (1...Self.jobPodLines).map { part in
        (start + length * Double(part), "[\(part)/\(Self.jobPodLines)] \(Self.work[part % Self.work.count])")
      })
  }

  private static let jobPodLines = 12

  private static let work = DemoSteps.work

  private func dindLog(_ runner: DemoRunner) -> [(time: Double, text: String)] {
    [
      (runner.creating, "time=\"\(stamp(runner.creating))\" level=info msg=\"Starting up\""),
      (
        runner.creating + 0.5,
        "time=\"\(stamp(runner.creating))\" level=info msg=\"API listen on /var/run/docker.sock\""
      ),
    ]
  }

  /// The newest part of the listener's log: a statistics line now and then, and a line for each job.
  private func listenerLog(_ set: DemoScaleSet, after since: Double) -> [(time: Double, text: String)] {
    let start = set.listeningSince
    func line(_ time: Double, _ rest: String) -> (time: Double, text: String) {
      (time, "time=\(stamp(time).dropLast()).000Z level=INFO \(rest)")
    }
    func polled(_ time: Double, after message: Int) -> (time: Double, text: String) {
      line(time, "msg=\"Getting next message\" component=listener lastMessageID=\(message)")
    }
    // It has a session as soon as it polls for messages.
    var lines =
      start > since ? [line(start, "msg=\"Starting listener\" component=main"), polled(start, after: 0)] : []
    let all = set.runners(at: now).filter { $0.badImage == nil }
    for runner in all.filter({ since < $0.busy && $0.busy <= now }).sorted(by: { $0.busy < $1.busy }) {
      let job = runner.job
      lines.append(
        line(
          runner.busy,
          "msg=\"Updating job info for the runner\" component=worker runnerName=\(runner.name) ownerName=\(job.owner) "
            + "repoName=\(job.repository) jobId=\(job.id) "
            + "workflowRef=\(job.owner)/\(job.repository)/.github/workflows/\(job.workflow)@\(job.ref) "
            + "workflowRunId=\(job.runID) jobDisplayName=\"\(job.name)\" requestId=\(job.requestID)"))
    }
    // ARC logs counts whenever GitHub sends an update, and periodically.
    let tick = start + ((now - start) / 50).rounded(.down) * 50
    let moments = Set(all.flatMap { [$0.assigned, $0.over] } + [max(start, tick)]).filter {
      $0 >= start && $0 > since && $0 <= now
    }
    for moment in moments {
      let assigned = all.filter { $0.assigned <= moment && moment < $0.over }.count
      lines.append(
        line(
          moment,
          "msg=\"Calculated target runner count\" component=worker assigned job=\(assigned) "
            + "decision=\(min(set.maximum, set.minimum + assigned)) min=\(set.minimum) max=\(set.maximum) "
            + "currentRunnerCount=\(all.count)"))
      lines.append(polled(moment, after: Int(max(0, moment - start))))
    }
    if set.name == DemoTrouble.victim, let trouble = DemoTrouble(self), DemoTrouble.cycles.contains(trouble.rule) {
      return trouble.hasListenerEnded ? trouble.listenerLines() : []
    }
    if set.name == DemoTrouble.victim, let said = DemoTrouble(self)?.listenerLines(), !said.isEmpty {
      // A listener that cannot work never polls for messages.
      let works = said.allSatisfy { !$0.text.contains("Application returned an error") }
      lines = (works ? [polled(start, after: 0)] : []) + said
    }
    return lines.sorted { $0.time < $1.time }
  }

  private func controllerLog(after since: Double) -> [(time: Double, text: String)] {
    guard let release = controllerRelease else { return [] }
    var lines: [(time: Double, text: String)] = []
    func say(
      _ time: Double, _ level: String, _ logger: String, _ message: String, _ details: @autoclosure () -> JSONValue
    ) {
      guard time > since else { return }
      lines.append((time, "\(stamp(time))\t\(level)\t\(logger)\t\(message)\t\(Self.spaced(details()))"))
    }
    say(release.installedAt + 0.5, "INFO", "setup", "starting manager", ["version": .string(release.version)])
    for set in scaleSets {
      let about: JSONObject = [
        "version": .string(release.version),
        "autoscalingrunnerset": ["name": .string(set.name), "namespace": .string(namespace)],
      ]
      if let refusal = set.refusal {
        var details = about
        details["error"] = .string(refusal)
        var time = set.registeredAt
        // The backoff grows to some minutes between attempts.
        for wait in [1.0, 2, 4, 8, 16, 32, 64, 128, 256] where time <= now {
          say(
            time, "ERROR", "AutoscalingRunnerSet",
            "Failed to initialize Actions service client for creating a new runner scale set", .object(details))
          time += wait
        }
      } else {
        var details = about
        details["id"] = .int(set.id)
        say(set.registeredAt, "INFO", "AutoscalingRunnerSet", "Created/Reused a runner scale set", .object(details))
      }
      let trouble = set.name == DemoTrouble.victim ? DemoTrouble(self) : nil
      for line in trouble?.controllerLines() ?? [] {
        say(line.time, "ERROR", line.logger, line.message, line.details)
      }
      for runner in set.runners(at: now) where trouble?.rule != .jitRefused {
        say(
          runner.created, "INFO", "EphemeralRunner", "Created ephemeral runner JIT config",
          [
            "version": .string(release.version),
            "ephemeralrunner": ["name": .string(runner.name), "namespace": .string(namespace)],
          ])
      }
    }
    return lines.sorted { $0.time < $1.time }
  }

  /// With a space after each colon and comma, as in the controller's log.
  private static func spaced(_ value: JSONValue) -> String {
    switch value {
    case .object(let object):
      "{" + object.members.map { "\(JSONValue.string($0.key).encoded()): \(spaced($0.value))" }.joined(separator: ", ")
        + "}"
    default: value.encoded()
    }
  }
}

/// Why the API rejects a request.
enum DemoFailure: Error {
  case notFound(String)
  case badRequest(String)

  /// The error in kubectl's words.
  var text: String {
    switch self {
    case .notFound(let words): "Error from server (NotFound): \(words)"
    case .badRequest(let words): "Error from server (BadRequest): \(words)"
    }
  }
}
