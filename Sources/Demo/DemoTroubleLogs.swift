import Engine

/// The contents of logs in a trouble: of runners, the controller and listeners.
extension DemoTrouble {
  /// The log lines of a runner in this trouble; nil if its log is as usual.
  func log(of runner: DemoRunner) -> [(time: Double, text: String)]? {
    guard runner.scaleSet == victim else { return nil }
    let start = world.now - 30
    switch rule {
    case .rootRefused: return [(start, LogHint.root.rawValue)]
    case .cycling: return [(start, "An error occurred: Not configured. Run Config.(sh/cmd) to configure the runner.")]
    case .registrationLost:
      return [90.0, 60, 30].map {
        (
          world.now - $0,
          "[RUNNER ERR BrokerMessageListener] Registration 6c9f2b9e-0b7e-4a43-9d0c-1f2f5c2a7d10 was not found."
        )
      }
    case .dockerMissing: return [(world.now - 600, "\(LogHint.waitsForDocker.rawValue).")]
    default: return nil
    }
  }

  /// A line for the log of a job that fails because of this trouble.
  static func jobLine(_ rule: FindingRule) -> String? {
    switch rule {
    case .needsContainer:
      "Error: Jobs without a job container are forbidden on this runner, please add a 'container:' to your job"
    case .hookFails: "Error: failed to create job pod: HTTP request failed"
    case .accessDenied: "System.UnauthorizedAccessException: Access to the path '/home/runner/_work/_tool' is denied."
    default: nil
    }
  }

  private static let tenant = "https://pipelines.actions.githubusercontent.com/tenant"

  /// The lines of this trouble in the controller's log.
  func controllerLines() -> [(time: Double, logger: String, message: String, details: JSONValue)] {
    let time = world.now - 20 * max(1, world.state.speed)
    let namespace = JSONValue.string(world.namespace)
    switch rule {
    case .listenerRefused:
      return [
        (
          time, "AutoscalingListener", "Unable to create listener pod",
          [
            "autoscalinglistener": ["name": .string("\(victim)-56595456-listener"), "namespace": namespace],
            "error": .string(
              "pods \"\(victim)-56595456-listener\" is forbidden: exceeded quota: compute, requested: pods=1"),
          ]
        )
      ]
    case .quota:
      guard let runner = world.scaleSets.first(where: { $0.name == victim })?.runners(at: world.now).first else {
        return []
      }
      return [
        (
          time, "EphemeralRunner", "Resource quota is exceeded; requeue in 30s to retry pod creation",
          [
            "ephemeralrunner": ["name": .string(runner.name), "namespace": namespace],
            "error": .string(
              "pods \"\(runner.name)\" is forbidden: exceeded quota: compute, requested: limits.memory=4Gi, used: "
                + "limits.memory=16Gi, limited: limits.memory=16Gi"),
          ]
        )
      ]
    case .jitRefused:
      guard let runner = world.scaleSets.first(where: { $0.name == victim })?.runners(at: world.now).first else {
        return []
      }
      return [
        (
          time, "EphemeralRunner", "Failed to create ephemeral runners secret",
          [
            "ephemeralrunner": ["name": .string(runner.name), "namespace": namespace],
            "error": .string(
              "failed to generate JIT config with generic error: request POST \(Self.tenant)/_apis/runtime/"
                + "runnerscalesets/14/generatejitconfig?api-version=6.0-preview failed(status=\"403 Forbidden\", "
                + "activity_id=\"2487\"): unexpected status code: 403: AccessCheckException: Access denied: the runner "
                + "scale set may not be managed by this identity."),
          ]
        )
      ]
    default: return []
    }
  }

  /// Real seconds since the cycling listener exited.
  private var secondsSinceEnd: Double { max(0, cycleAge.age - 0.9) }

  /// The additional lines of the listener's log, each with its time in demo seconds.
  func listenerLines() -> [(time: Double, text: String)] {
    func at(_ seconds: Double, _ level: String, _ text: String) -> (time: Double, text: String) {
      let time = world.now - seconds * max(1, world.state.speed)
      let stamp = Timestamp.text(Int64(world.clock.wall(of: time)))
      return (time, "time=\(stamp) level=\(level) \(text)")
    }
    /// The error with which a listener exits, in the format of Go's `log` package.
    func ended(_ seconds: Double, _ words: String) -> (time: Double, text: String) {
      (world.now - seconds * max(1, world.state.speed), "2026/11/25 14:12:48 Application returned an error: \(words)")
    }
    let maximum = world.scaleSets.first { $0.name == victim }?.maximum ?? 5
    func counted(_ assigned: Int, _ wanted: Int, ago: Double = 190) -> (time: Double, text: String) {
      at(
        ago, "INFO",
        "msg=\"Calculated target runner count\" component=worker assigned job=\(assigned) decision=\(wanted) min=0 "
          + "max=\(maximum) currentRunnerCount=\(wanted)")
    }
    switch rule {
    case .atLimit: return [counted(maximum + 9, maximum)]
    case .queueStuck: return [counted(3, 0, ago: 1200)]
    // Its runners never get a job.
    case _ where Self.waits.contains(rule): return [counted(0, maximum)]
    case .podRefused, .podSecurity, .quota, .limitRange, .neverRegistered, .dockerMissing, .rootRefused, .cycling,
      .stuckFinished, .noCommand:
      return [counted(0, maximum)]
    case .listenerConflict:
      return [
        at(
          60, "ERROR",
          "msg=\"Application returned an error\" error=\"failed to create session: 409 - had issue communicating with "
            + "Actions backend: The actions runner web-ci already has an active session "
            + "RunnerScaleSetSessionConflictException\"")
      ]
    case .listenerStale:
      return [
        ended(
          secondsSinceEnd,
          "handling initial message failed: could not patch ephemeral runner set , patch JSON: "
            + "{\"spec\":{\"patchID\":0,\"replicas\":1}}, error: ephemeralrunnersets.actions.github.com "
            + "\"\(victim)-7s7qd\" not found")
      ]
    case .scaleSetGone:
      return [
        ended(
          secondsSinceEnd,
          "failed to create actions message session client: failed to create message session: failed to do the session "
            + "request: request POST \(Self.tenant)/_apis/runtime/runnerscalesets/14/sessions?api-version=6.0-preview "
            + "failed(status=\"404 Not Found\", activity_id=\"8e0c\"): unexpected status code: 404: "
            + "RunnerScaleSetNotFoundException: No runner scale set found with identifier 14.")
      ]
    case .githubUnreachable:
      let address = "\(Self.tenant)/_apis/runtime/messagequeue/1/messages"
      return [14.0, 12, 8].map {
        at(
          $0, "ERROR",
          "msg=\"request failed\" error=\"Get \\\"\(address)\\\": dial tcp: lookup pipelines.actions.githubusercontent.com: "
            + "no such host\" method=GET url=\(address)")
      }
    case .githubRefuses:
      let address = "https://api.github.com/repos/acme/web/actions/runners/registration-token"
      return [
        ended(
          20,
          "failed to get runner registration token on refresh: failed to issue the request: request POST \(address) "
            + "failed: failed to send request: Post \"\(address)\": POST \(address) giving up after 5 attempt(s)")
      ]
    case .listenerErrors:
      return [90.0, 60, 30].map {
        at(
          $0, "ERROR",
          "msg=\"Application returned an error\" error=\"failed to handle message: unexpected end of JSON input\"")
      }
    default: return []
    }
  }
}
