import ARC
import Basics

extension Diagnosis {
  /// The age in seconds up to which a scale set may be unregistered without a finding.
  static let registrationSeconds: Int64 = 60

  package static func registration(
    _ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    for set in status.scaleSets where set.isOutdated {
      return [
        Finding(
          .outdated, status.name, .bad, "\(status.name): GitHub refuses the version of its runner image",
          evidence: ["scale set \(set.id): phase Outdated"],
          remedy: ARCRelease(set.version)?.isInPlaceGeneration == true
            ? "Give it a newer image, or the default one: that alone brings the scale set back"
            : "Give it a newer image, or the default one; if it stays stopped, remove and add \(status.name)",
          action: .edit(.image))
      ]
    }
    for set in status.scaleSets where !set.isRegistered {
      let age = snapshot.takenAt - (set.metadata.created ?? snapshot.takenAt)
      if let problem = known.registration[set.id] {
        let error = problem.error
        let isCredentials = error.kind == .unauthorized
        let rule: FindingRule =
          switch problem.cause {
          case .answer(.rateLimited), .answer(.serverError), .answer(.gaveUp): .githubRefuses
          case .answer(.unreachable): .githubUnreachable
          case .answer, .versionSkew: isCredentials ? .credentials : .notRegistered
          }
        return [
          Finding(
            rule, status.name, .bad, "\(status.name): \(error.what)",
            evidence: [error.why].compactMap { $0 },
            remedy: error.fix ?? "`deskrun logs --controller` shows its whole log",
            action: isCredentials ? .edit(.credentials) : error.kind == .invalid ? .edit(.unknown) : nil)
        ]
      }
      guard age > registrationSeconds, snapshot.controller?.isReady == true else { continue }
      return [
        Finding(
          .notRegistered, status.name, .bad, "\(status.name): not registered with GitHub, so it gets no jobs",
          evidence: [
            "scale set \(set.id) was created\(ago(set.metadata.created, known.now)) and has no id yet"
          ],
          remedy: "Its address or credentials are wrong, or GitHub cannot be reached; the controller's log says which",
          action: .bringUp)
      ]
    }
    return []
  }

  package static func listener(_ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot) -> [Finding]
  {
    var findings: [Finding] = []
    let sets = status.scaleSets.map(\.id)
    for name in sets {
      guard let health = known.listeners[name], let found = unwell(health, status, scaleSet: name, known, snapshot)
      else { continue }
      findings.append(found)
      break
    }
    switch status.listener {
    case .failing(let why) where findings.isEmpty:
      findings.append(
        Finding(
          .listenerFailing, status.name, .bad, "\(status.name): its listener does not run, so it gets no jobs",
          evidence: ["listener: \(why)"],
          remedy: listenerPull(sets, snapshot)
            ? "The cluster cannot fetch the listener's image: check its network; it is retried automatically"
            : "Its log (`deskrun logs \(status.name) --listener`) says why it ended; the controller starts another one",
          action: listenerPull(sets, snapshot) ? nil : .restartListener))
    case .absent where status.scaleSets.contains { $0.isRegistered } && !isListenerRefused(sets, known):
      // A listener is recreated immediately after it exits; a few seconds without one are normal.
      let newest = status.scaleSets.compactMap(\.metadata.created).max() ?? 0
      guard findings.isEmpty, known.now - newest > registrationSeconds,
        sets.allSatisfy({ set in
          snapshot.listenerPod(of: set) != nil
            || known.listeners[set]?.absentSince.map { known.now - $0 >= absentSeconds } ?? true
        })
      else { break }
      findings.append(
        Finding(
          .listenerMissing, status.name, .bad, "\(status.name): no listener, so it gets no jobs",
          evidence: ["no pod of a listener for \(sets.joined(separator: ", "))"],
          remedy: "The controller creates one: check that it is ready, or bring the installation up again",
          action: .bringUp))
    default: break
    }
    for set in status.scaleSets {
      guard let installation = status.installation, set.maximum == nil, installation.instances == 1 else { continue }
      findings.append(
        Finding(
          .limitLost, status.name, .warning,
          "\(status.name): its limit of \(installation.runners.maximum) runners is not in the cluster",
          evidence: ["scale set \(set.id) has no maxRunners"], remedy: "Bring it up again", action: .bringUp)
      )
    }
    return findings
  }

  /// How long errors in the controller's log are considered, in seconds.
  static let problemSeconds: Int64 = 900

  /// The time in seconds without a pod that is longer than the gap between two listeners.
  static let absentSeconds = ListenerHealth.cycle

  /// The finding for recent exits of a listener and errors in its log.
  private static func unwell(
    _ health: ListenerHealth, _ status: InstallationStatus, scaleSet: String, _ known: Circumstances,
    _ snapshot: Snapshot
  ) -> Finding? {
    switch health.verdict {
    case .unsuspicious: return nil
    case .complains(let said, let at):
      var finding = failure(said.failure, status, scaleSet: scaleSet, known)
      finding.evidence = ["listener of \(scaleSet)\(ago(at, known.now)): \(said.text)"]
      return finding
    case .ended(_, let said?, let at):
      var finding = failure(said.failure, status, scaleSet: scaleSet, known)
      finding.evidence = ["listener of \(scaleSet)\(ago(at, known.now)): \(said.text)"] + repeated(health, known)
      // A listener that exits gets no jobs, whatever it logged.
      finding.severity = .bad
      return finding
    case .ended(let end, nil, _):
      let how = end.code.map { "exit code \($0)" } ?? "an error"
      return Finding(
        .listenerFailing, status.name, .bad, "\(status.name): its listener keeps no session, so it gets no jobs",
        evidence: [
          "a listener of \(scaleSet) ended with \(how)\(ago(end.at, known.now)); the end of its log was not seen"
        ]
          + successor(health, scaleSet, known, snapshot) + repeated(health, known),
        remedy: "`deskrun why \(status.name) --wait` watches until the cause is known; the controller starts another "
          + "listener")
    }
  }

  /// How often listeners exited, if more than once.
  private static func repeated(_ health: ListenerHealth, _ known: Circumstances) -> [String] {
    guard health.count > 1, let since = health.since else { return [] }
    return ["\(health.count) listeners ended within \(DurationText.short(seconds: max(0, known.now - since)))"]
  }

  /// The state of the listener that replaced one that exited.
  private static func successor(
    _ health: ListenerHealth, _ scaleSet: String, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [String] {
    guard health.isRunning, let created = health.created else { return [] }
    let age = DurationText.short(seconds: max(0, known.now - created))
    return ["its listener is \(age) old and has " + (health.hasSession ? "just got its session" : "no session yet")]
  }

  /// Whether a listener's image cannot be pulled.
  private static func listenerPull(_ sets: [String], _ snapshot: Snapshot) -> Bool {
    sets.contains { set in
      snapshot.listenerPod(of: set)?.containers.contains { container in
        guard case .waiting(let reason, _) = container.activity else { return false }
        return ["ErrImagePull", "ImagePullBackOff"].contains(reason)
      } == true
    }
  }

  /// How long a job may be queued without a finding, in seconds.
  static let waitSeconds: Int64 = 60

  /// The time in seconds at the limit after which more jobs are probably queued: GitHub holds back jobs beyond the
  /// limit.
  static let fullSeconds: Int64 = 600

  package static func queue(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    let waiting = waiting(status, known)
    return waiting.isEmpty ? full(status, known) : waiting
  }

  /// Finds scale sets that have been running as many jobs as permitted for a long time.
  private static func full(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    for set in status.scaleSets {
      guard let queue = known.queues[set.id], let maximum = set.maximum ?? queue.maximum,
        let since = queue.fullSince(now: known.now), known.now - since >= fullSeconds,
        (known.snapshot?.counts[set.id]?.busy ?? 0) >= maximum
      else { continue }
      let fix = moreRunners(status, than: maximum, by: max(1, maximum / 2))
      return [
        Finding(
          .atLimit, status.name, .warning,
          "\(status.name): at its maximum of \(maximum) runners for \(DurationText.short(seconds: known.now - since)); more jobs may be "
            + "queued on GitHub",
          evidence: ["\(queue.assigned) jobs assigned, \(maximum) at most: GitHub assigns no more than may run"],
          remedy: fix.remedy, action: fix.action)
      ]
    }
    return []
  }

  /// The action that allows more runners. The cluster's limit may be lower than the configured one, for example during
  /// a deployment: raising the cluster's number would lower the configured one.
  ///
  /// - Parameters:
  ///   - maximum: the limit of a scale set in the cluster.
  ///   - count: how many more to propose.
  private static func moreRunners(
    _ status: InstallationStatus, than maximum: Int, by count: Int
  ) -> (remedy: String, action: FindingAction?) {
    if let installation = status.installation {
      if installation.instances > 1 {
        return (
          "Add instances, if this computer has room for them: "
            + "`deskrun edit \(status.name) --instances \(installation.instances + 1)`", nil
        )
      }
      let configured = installation.runners.maximum
      if configured > maximum {
        return (
          "The configuration allows \(configured), and the cluster \(maximum): deploy the configuration", .bringUp
        )
      }
    }
    return ("Allow more runners, if this computer has room for them", .raiseLimit(to: maximum + count))
  }

  private static func waiting(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    for set in status.scaleSets {
      guard let queue = known.queues[set.id], queue.waiting > 0, let oldest = queue.oldest,
        known.now - oldest > waitSeconds
      else { continue }
      let counts = known.snapshot?.counts[set.id] ?? .init()
      // Idle runners would take these jobs, unless they are held for runners that died, as all do when the node
      // restarts.
      if counts.idle > 0, queue.waiting <= counts.idle, known.now - oldest <= heldSeconds { continue }
      let sentence = queue.sentence(busy: counts.busy, limit: set.maximum, now: known.now) ?? ""
      if let maximum = set.maximum ?? queue.maximum, counts.busy >= maximum {
        let fix = moreRunners(status, than: maximum, by: max(1, min(queue.waiting, maximum)))
        return [
          Finding(
            .atLimit, status.name, .warning, "\(status.name): jobs wait because all \(maximum) runners are busy",
            evidence: [sentence], remedy: fix.remedy, action: fix.action)
        ]
      }
      // A job whose runner died stays assigned for about ten minutes, until GitHub gives up on it.
      let held =
        known.snapshot?.runners.filter {
          $0.scaleSet == set.id && $0.state == .finishing && $0.assignedJob != nil
        }.count ?? 0
      guard queue.waiting > held else { continue }
      // Starting runners will take the jobs shortly, and failing ones have a separate finding.
      guard counts.starting == 0, counts.failing == 0 else { continue }
      return [
        Finding(
          .queueStuck, status.name, .bad, "\(status.name): jobs wait although more runners are allowed",
          evidence: [sentence, "\(counts.busy) busy, \(counts.idle) idle, wanted \(queue.wanted)"],
          remedy: counts.idle > 0
            ? "Its runners are idle and do not get the jobs: restart the listener"
            : "Its listener does not ask for runners: restart it", action: .restartListener)
      ]
    }
    return []
  }
}
