import ARC
import Basics

extension Diagnosis {
  /// A scale set is given this long after it was made before its not being registered means something.
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
      // It is recreated at once after it ended; some seconds without one are normal.
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

  /// How long what the controller said counts, in seconds.
  static let problemSeconds: Int64 = 900

  /// Seconds without a pod after which that is more than the moment between two listeners.
  static let absentSeconds = ListenerHealth.cycle

  /// What the recent ends of a listener and what it says mean.
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
      // One that ends gets no jobs, whatever it said.
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

  /// How often listeners ended, where that is more than once.
  private static func repeated(_ health: ListenerHealth, _ known: Circumstances) -> [String] {
    guard health.count > 1, let since = health.since else { return [] }
    return ["\(health.count) listeners ended within \(DurationText.short(seconds: max(0, known.now - since)))"]
  }

  /// How the listener is that follows one that ended.
  private static func successor(
    _ health: ListenerHealth, _ scaleSet: String, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [String] {
    guard health.isRunning, let created = health.created else { return [] }
    let age = DurationText.short(seconds: max(0, known.now - created))
    return ["its listener is \(age) old and has " + (health.hasSession ? "just got its session" : "no session yet")]
  }

  /// Whether the image of a listener cannot be pulled.
  private static func listenerPull(_ sets: [String], _ snapshot: Snapshot) -> Bool {
    sets.contains { set in
      snapshot.listenerPod(of: set)?.containers.contains { container in
        guard case .waiting(let reason, _) = container.activity else { return false }
        return ["ErrImagePull", "ImagePullBackOff"].contains(reason)
      } == true
    }
  }

  /// Time that a job may wait before that means something, in seconds.
  static let waitSeconds: Int64 = 60

  /// Seconds at the limit after which more jobs probably wait: GitHub holds back what may not run.
  static let fullSeconds: Int64 = 600

  package static func queue(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    let waiting = waiting(status, known)
    return waiting.isEmpty ? full(status, known) : waiting
  }

  /// Scale sets that have had as many jobs as they may run for a long time.
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

  /// What allows more runners. The cluster may have a lower limit than the configuration, as while a change is being
  /// deployed: raising the cluster's number would lower the configured one.
  ///
  /// - Parameters:
  ///   - maximum: the limit of one scale set in the cluster.
  ///   - count: how many more are proposed.
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
      // Idle runners would take them, were they not held for runners that died, as all do when the node restarts.
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
      // A job whose runner died stays assigned for about ten minutes, until GitHub gives it up.
      let held =
        known.snapshot?.runners.filter {
          $0.scaleSet == set.id && $0.state == .finishing && $0.assignedJob != nil
        }.count ?? 0
      guard queue.waiting > held else { continue }
      // Runners on their way take the jobs in a moment, and failing ones are a finding of their own.
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
