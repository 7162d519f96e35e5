import ARC
import Basics
import Installations
import Tools

extension Diagnosis {
  /// Time that starting may need, with a large image on a slow line, in seconds.
  static let startSeconds: Int64 = 600
  /// Time between a pod that runs and a runner that is ready, in seconds.
  static let readySeconds: Int64 = 120

  package static func runners(_ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot) -> [Finding] {
    var findings = failing(status, known)
    let sets = Set(status.scaleSets.map(\.metadata.name))
    findings += cycling(status, sets, known)
    findings += starting(status, sets, known, snapshot)
    findings += finished(status, sets, known, snapshot)
    findings += lost(status, sets, known, snapshot)
    findings += forgotten(status, sets, known, snapshot)
    return findings
  }

  /// Runners that fail, those that fail alike together.
  private static func failing(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    var groups: [(code: String, why: String, alike: String, runners: [Runner])] = []
    for runner in status.failing {
      guard case .failing(let why, let word) = runner.state else { continue }
      // One finding tells of the node.
      if word == RunnerState.nodeLost { continue }
      // ARC tries once more at once, and that may be all.
      if word == "PodFailed", runner.failures < 2 { continue }
      // Pulling fails and is tried again in turns; it is one matter.
      let code = word == "ImagePullBackOff" ? "ErrImagePull" : word
      // What names the runner is the same for all of them.
      // So is how often each of their pods has failed.
      let alike = word.contains("PodFail") ? "" : why.replacing(runner.name, with: "NAME")
      if let at = groups.firstIndex(where: { $0.code == code && $0.alike == alike }) {
        groups[at].runners.append(runner)
      } else {
        groups.append((code, why, alike, [runner]))
      }
    }
    return groups.map { group in
      let alive = status.counts.idle + status.counts.busy
      return explain(
        status.name, group.code, group.why, group.runners, alive == 0 ? .bad : .warning, known, status)
    }
  }

  private static func explain(
    _ name: String, _ code: String, _ why: String, _ runners: [Runner], _ severity: InstallationStatus.Severity,
    _ known: Circumstances, _ status: InstallationStatus
  ) -> Finding {
    let seen = "\(names(runners.map(\.name))): \(code): \(why)"
    let count = runners.count == 1 ? "a runner fails:" : "\(runners.count) runners fail:"
    func made(
      _ rule: FindingRule, _ title: String, _ remedy: String, _ action: FindingAction?, more: [String] = [],
      severity other: InstallationStatus.Severity? = nil
    ) -> Finding {
      Finding(
        rule, name, other ?? severity, "\(name): \(count) \(title)", evidence: [seen] + more, remedy: remedy,
        action: action, runners: action == .clearFailed ? runners.map(\.name) : [])
    }
    switch code {
    case "ErrImagePull":
      let said = pullMessage(runners, known)
      let pull = pullRemedy(said.map { PullFailure($0.message, image: $0.image).cause } ?? .unknown)
      return made(
        .imagePull, why, pull.words, pull.isForEdit ? .edit : nil, more: said.map { [$0.message] } ?? [])
    case "InvalidImageName":
      return made(.imagePull, why, "Give the name of an image that exists and that the cluster may read", .edit)
    case "ErrImageNeverPull":
      return made(
        .imagePull, "the image is not on the node, and its pull policy is Never",
        "Load it into the node (kind load docker-image IMAGE --name CLUSTER), or leave imagePullPolicy out of the values "
          + "file", .edit)
    case "RegistryUnavailable":
      return made(
        .imagePull, why, "The registry cannot be reached: check the network or proxy; it is tried again by itself", nil)
    case "ImageInspectError":
      return made(
        .imagePull, why, "The node cannot read its copy of the image: see the message, and the disk of this computer",
        nil)
    case "OutOfpods", "OutOfcpu", "OutOfmemory", "OutOfephemeral-storage":
      return made(
        .podRejected, why,
        "The node is full: allow fewer runners at once or ask for less in the values file, then clear "
          + "the failed runners", .clearFailed)
    case "Outdated":
      return made(
        .outdated, "GitHub refuses the version of its runner image",
        "Give it a newer image, or the default one", .edit, severity: .bad)
    case "InvalidPod":
      if why.lowercased().contains("duplicate value") {
        return made(
          .podRefused, "its pods are refused: something in its values stands twice",
          "Take out of the values file what deskrun makes itself (volumes, mounts and containers of the mode)", .edit)
      }
      return made(
        .podRefused, "Kubernetes refuses its pods, and they count as runners until they are deleted",
        "Mend what the message names, then clear the failed runners", .edit)
    case "OOMKilled":
      return made(
        .outOfMemory, "out of memory",
        "Give its pods more memory in the values file, or allow fewer runners at once", .clearFailed)
    case "Evicted":
      let isDisk = why.lowercased().contains("ephemeral-storage") || why.lowercased().contains("disk")
      return made(
        .evicted, "evicted, the node ran short of \(isDisk ? "disk" : "resources")",
        isDisk
          ? "Make room on this computer (`docker system prune`, `deskrun cache list`)"
          : "Allow fewer runners at once, or give the node more memory", .clearFailed)
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
      if why.contains("executable file not found") || why.contains("no such file") {
        return made(
          .containerFails, "its container cannot start: a program in it is missing",
          "A cache or mount may cover a folder of the image, or the image lacks /home/runner/run.sh", .edit)
      }
      return made(
        .containerFails, "its container cannot be made", "Mend what the message names: a Secret, ConfigMap or mount",
        .edit)
    case "CrashLoopBackOff", "PodFailed", "TooManyPodFailures":
      return keepsFailing(name, why, runners, severity, known) {
        made($0, $1, $2, $3, more: $4, severity: $5)
      }
    default:
      // A word of Kubernetes that deskrun has no advice for: its own message is the title.
      return made(
        .podRejected, why, "See what the message names; then clear the failed runners", .clearFailed)
    }
  }

  private typealias Made = (
    FindingRule, String, String, FindingAction?, [String], InstallationStatus.Severity?
  ) -> Finding

  private static func keepsFailing(
    _ name: String, _ why: String, _ runners: [Runner], _ severity: InstallationStatus.Severity,
    _ known: Circumstances, _ made: Made
  ) -> Finding {
    if let refused = runners.first(where: { known.memory.hints(of: $0.name).contains(.root) })
      ?? known.memory.runners(saying: .root, in: runners[0].scaleSet).last.flatMap({ _ in runners.first })
    {
      return rootRefused(name, refused.name, severity)
    }
    if runners.contains(where: { known.memory.hints(of: $0.name).contains(.deprecated) }) {
      return made(
        .outdated, "GitHub refuses the version of its runner image", "Give a newer image, or the standard one", .edit,
        [], nil)
    }
    return made(
      .cycling, why,
      "The runner's log says why it ended; then change the installation, or clear the failed runners", .clearFailed,
      exits(known.memory.recent(runners[0].scaleSet)), nil)
  }

  private static func rootRefused(_ name: String, _ runner: String, _ severity: InstallationStatus.Severity) -> Finding
  {
    Finding(
      .rootRefused, name, severity, "\(name): the runner runs as root and was not told that it may",
      evidence: ["log of \(runner): Must not run interactively with sudo"],
      remedy: "Set RUNNER_ALLOW_RUNASROOT=1 in the values file, or keep the image's own user (1001)", action: .edit)
  }

  private static func exits(_ ended: [RunnerMemory.Ended], _ count: Int? = nil) -> [String] {
    guard let last = ended.last(where: { $0.exit != nil }) ?? ended.last else { return [] }
    let code =
      last.exit.map { ", the last with exit code \($0.code)\($0.reason.isEmpty ? "" : " (\($0.reason))")" } ?? ""
    return ["\(max(ended.count, count ?? 0)) runners ended within 5 minutes\(code)"]
  }

  /// Runners that end soon after they were made without ever having had a job. One runner for each finished job is how
  /// it should be; and a cancelled run leaves one or two that were not needed.
  private static func cycling(_ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances) -> [Finding] {
    for set in sets.sorted() {
      let ended = known.memory.shortLived(set)
      // One that was seen to end tells how; that others did the same, Kubernetes may have reported.
      guard ended.count >= 3 || (!ended.isEmpty && known.memory.reported(set).count >= 3), status.counts.failing == 0
      else { continue }
      let listened = ended.contains { known.memory.hints(of: $0.name).contains(.listens) }
      // Those that were ready and were not needed were taken away by ARC, not by themselves.
      if listened { continue }
      let evidence =
        exits(ended, known.memory.reported(set).count) + [
          "none of them had a job; they lived \(ended.compactMap(\.lifetime).max() ?? 0)s at most"
        ]
      if let refused = ended.last(where: { known.memory.hints(of: $0.name).contains(.root) }) {
        return [rootRefused(status.name, refused.name, .bad)]
      }
      let codes = Set(ended.compactMap { $0.exit?.code })
      if codes == [0] {
        return [
          Finding(
            .noCommand, status.name, .bad, "\(status.name): its runners end at once without starting the runner",
            evidence: evidence,
            remedy: "The image has no command of its own: the container runner needs command: "
              + "[\"/home/runner/run.sh\"] in the values file", action: .edit)
        ]
      }
      return [
        Finding(
          .cycling, status.name, .bad, "\(status.name): its runners end again and again before they take a job",
          evidence: evidence, remedy: "The log of the next one says why: `deskrun logs \(status.name)`", action: .edit)
      ]
    }
    return []
  }

  private static func starting(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.starting > 0 else { return [] }
    let starting = snapshot.runners.filter { runner in
      runner.rank == RunnerState.starting("").rank && sets.contains(runner.scaleSet)
    }
    for runner in starting {
      let since = known.memory.since(runner.name) ?? runner.created ?? known.now
      if let pod = snapshot.pod(runner.name), let why = pod.unschedulable, known.now - since > 20 {
        let obstacle = SchedulingObstacle(why)
        return [
          Finding(
            .unschedulable, status.name, .bad, "\(status.name): its runners are unschedulable: \(obstacle.title)",
            evidence: ["\(runner.name): \(why)"], remedy: obstacle.remedy, action: .edit)
        ]
      }
      if let found = mountProblem(status.name, runner.name, known) { return [found] }
      if let ready = runner.running, known.now - ready > readySeconds {
        if known.memory.hints(of: runner.name).contains(.waitsForDocker),
          !known.memory.hints(of: runner.name).contains(.dockerIsReady)
        {
          return [docker(status.name, runner.name)]
        }
        return [
          Finding(
            .neverRegistered, status.name, .warning, "\(status.name): a runner's pod runs and the runner is not ready",
            evidence: ["\(runner.name) runs for \(JobFigures.span(known.now - ready))"],
            remedy: "Its log says what it waits for; a computer under load can be this slow", action: nil)
        ]
      }
      if known.now - since > startSeconds {
        guard case .starting(let step) = runner.state else { continue }
        return [
          Finding(
            .neverRegistered, status.name, .warning, "\(status.name): a runner does not get ready: \(step)",
            evidence: ["\(runner.name) was made\(ago(runner.created, known.now))"],
            remedy: "Its events say what it waits for: `deskrun events \(status.name)`", action: nil)
        ]
      }
    }
    return []
  }

  private static func docker(_ name: String, _ runner: String) -> Finding {
    Finding(
      .dockerMissing, name, .bad, "\(name): the runner waits for a Docker daemon that does not come",
      evidence: ["log of \(runner): Waiting for docker to be ready"],
      remedy: "The daemon listens at unix:///var/run/docker.sock: take DOCKER_HOST out of the values file",
      action: .edit)
  }

  /// What Kubernetes reported about the mounts of a pod.
  static func mountProblem(_ name: String, _ pod: String, _ known: Circumstances) -> Finding? {
    guard
      let event = known.events.last(where: {
        $0.isWarning && $0.object.hasPrefix(pod) && ["FailedMount", "FailedAttachVolume"].contains($0.reason)
          && known.now - ($0.last ?? 0) < 300
      })
    else { return nil }
    let seen = ["\(event.object)\(ago(event.last, known.now)): \(event.message)"]
    let text = event.message.lowercased()
    if text.contains("hostpath type check failed") {
      return Finding(
        .hostPath, name, .bad, "\(name): a path of this computer that it mounts is not in the cluster's node",
        evidence: seen,
        remedy: "A node's mounts are decided when it is made: delete the cluster and make it again. Configuration and "
          + "caches stay", action: .recreateCluster)
    }
    if text.contains("-work") && text.contains("not found") {
      return Finding(
        .workClaim, name, .bad, "\(name): the claim for the work volume is missing", evidence: seen,
        remedy: "The name work is the mode's own: take a volume of that name out of the values file", action: .edit)
    }
    return Finding(
      .mountFails, name, .bad, "\(name): a volume cannot be mounted", evidence: seen,
      remedy: text.contains("configmap") || text.contains("secret")
        ? "Bring the installation up: it makes the ConfigMap and the Secret again" : "Mend what the message names",
      action: .bringUp)
  }

  /// Time that GitHub may hold the job of a dead runner, in seconds.
  static let heldSeconds: Int64 = 900
  /// Time that a runner with a job may be seen without a pod, in seconds.
  static let podlessSeconds: Int64 = 2
  /// Age of a runner from which on a missing pod means something, in seconds.
  static let podAge: Int64 = 30

  /// Runners with a job whose pod is gone: the job cannot go on, and nobody ends the runner.
  private static func lost(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.busy > 0 else { return [] }
    let lost = snapshot.runners.filter { runner in
      guard sets.contains(runner.scaleSet), runner.lacksPod, let seen = known.memory.podless(runner.name) else {
        return false
      }
      return known.now - seen >= podlessSeconds && known.now - (runner.created ?? known.now) >= podAge
    }
    guard !lost.isEmpty else { return [] }
    let jobs = lost.compactMap { $0.assignedJob?.name }.filter { !$0.isEmpty }
    return [
      Finding(
        .podGone, status.name, .warning,
        lost.count == 1
          ? "\(status.name): the pod of a runner with a job is gone, so the job is lost"
          : "\(status.name): the pods of \(lost.count) runners with jobs are gone, so the jobs are lost",
        evidence: [
          "\(names(lost.map(\.name))): job \(jobs.first ?? "unknown"), no pod of its name in the cluster"
        ],
        remedy: "Delete the runner, and run the job again on GitHub", action: .clearFailed, runners: lost.map(\.name))
    ]
  }

  /// Runners that look idle and that GitHub does not know or cannot be reached by, as their own logs say.
  private static func forgotten(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.idle > 0 else { return [] }
    let idle = snapshot.runners.filter { sets.contains($0.scaleSet) && $0.state == .idle }
    func saying(_ hints: LogHint...) -> [Runner] {
      idle.filter { !known.memory.hints(of: $0.name).isDisjoint(with: hints) }
    }
    let gone = saying(.registrationLost, .registrationDeleted)
    if let first = gone.first {
      return [
        Finding(
          .registrationLost, status.name, gone.count == idle.count ? .bad : .warning,
          "\(status.name): GitHub no longer knows \(gone.count == 1 ? "a runner" : "\(gone.count) runners") that "
            + "look\(gone.count == 1 ? "s" : "") idle",
          evidence: [
            "log of \(first.name): "
              + (known.memory.hints(of: first.name).contains(.registrationLost)
                ? "\(LogHint.registrationLost.rawValue) … was not found" : LogHint.registrationDeleted.rawValue)
          ],
          remedy: "Delete \(gone.count == 1 ? "it" : "them"): the controller creates others, which register again",
          action: .clearFailed, runners: gone.map(\.name))
      ]
    }
    let cut = saying(.cannotConnect)
    guard let first = cut.first else { return [] }
    return [
      Finding(
        .registrationLost, status.name, .warning,
        "\(status.name): \(cut.count == 1 ? "a runner that looks" : "\(cut.count) runners that look") idle cannot "
          + "connect to GitHub",
        evidence: ["log of \(first.name): \(LogHint.cannotConnect.rawValue) … Retrying until reconnected"],
        remedy: "It tries again by itself; check the network, DNS and proxy of the cluster if it lasts", action: nil)
    ]
  }

  /// What the kubelet said of the pull that fails: the newest message that is more than a back-off.
  private static func pullMessage(_ runners: [Runner], _ known: Circumstances) -> (message: String, image: String)? {
    for runner in runners {
      let containers = known.snapshot?.pod(runner.name)?.containers ?? []
      for container in containers {
        guard case .waiting(let reason, let message) = container.activity,
          ["ErrImagePull", "ImagePullBackOff"].contains(reason)
        else { continue }
        if let message, !PullFailure(message, image: container.image).words.isEmpty {
          return (message, container.image)
        }
        if let event = known.events.last(where: {
          $0.object == runner.name && $0.reason == "Failed" && $0.message.hasPrefix("Failed to pull image")
        }) {
          return (event.message, container.image)
        }
      }
    }
    return nil
  }

  private static func pullRemedy(_ cause: PullFailure.Cause) -> (words: String, isForEdit: Bool) {
    switch cause {
    case .notFound, .unknown:
      ("Give the name of an image that exists and that the cluster may read", true)
    case .denied:
      (
        "The registry refuses the cluster: give an image that anyone may read, or imagePullSecrets in the values file",
        true
      )
    case .rateLimited:
      (
        "The registry limits pulls (429): it is tried again by itself. Log in with imagePullSecrets, or load the image "
          + "into the node (kind load docker-image)", false
      )
    case .certificate:
      ("The node does not trust the registry's certificate: a proxy that opens TLS, or a registry of your own", false)
    case .network:
      ("The cluster cannot reach the registry: check network, DNS and proxy; it is tried again by itself", false)
    case .platform: ("The image has no variant for this computer's processor: give one that has", true)
    case .diskFull: ("Make room on this computer (`docker system prune`, `deskrun cache list`)", false)
    }
  }

  /// Time that taking a finished runner away may need, in seconds.
  static let finishSeconds: Int64 = 300

  private static func finished(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.finishing > 0 else { return [] }
    let stuck = snapshot.runners.filter { runner in
      guard runner.state == .finishing, sets.contains(runner.scaleSet), snapshot.pod(runner.name)?.isCutOff != true
      else { return false }
      // GitHub keeps a job whose runner died for about ten minutes, and ARC keeps the runner as long, without its pod in
      // the end.
      let isHeld = runner.assignedJob != nil
      return known.now - (known.memory.since(runner.name) ?? runner.deleted ?? known.now)
        > (isHeld ? heldSeconds : finishSeconds)
    }
    guard let first = stuck.first else { return [] }
    return [
      Finding(
        .stuckFinished, status.name, .warning, "\(status.name): runners that are done are not taken away",
        evidence: [
          "\(names(stuck.map(\.name))), done\(ago(known.memory.since(first.name) ?? first.deleted, known.now))"
        ],
        remedy: "The controller takes them away: see that it is ready (`deskrun logs --controller`)", action: nil)
    ]
  }
}
