import ARC

extension Diagnosis {
  /// How long a job is considered after its end, in seconds.
  static let jobSeconds = jobMemory
  /// The same, for the code that keeps recent jobs.
  package static var jobMemory: Int64 { 1800 }

  package static func jobs(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    let sets = Set(status.scaleSets.map(\.id))
    var findings: [Finding] = []
    let recent = known.jobs.filter { sets.contains($0.scaleSet) && known.now - $0.latest < jobSeconds }
    if let died = lost(recent) {
      let isMemory = died.note?.contains("memory") == true
      findings.append(
        Finding(
          isMemory ? .outOfMemory : died.note?.contains("evicted") == true ? .evicted : .containerFails, status.name,
          .warning, "\(status.name): a job was lost, its runner died: \(died.note ?? "nobody saw why")",
          evidence: ["\(died.job.name) on \(died.runner)\(ago(died.finished, known.now))"],
          remedy: isMemory
            ? "Give its pods more memory, or allow fewer runners at once"
            : "The job can be run again; its log up to there was kept", action: isMemory ? .edit(.memory) : nil))
    }
    if let newest = newest(of: recent, in: sets), newest.result != .succeeded {
      let hints = known.memory.hints(of: newest.runner)
      let seen = "log of \(newest.runner), job \(newest.job.name)\(ago(newest.finished, known.now))"
      if hints.contains(.needsContainer) {
        findings.append(
          Finding(
            .needsContainer, status.name, .warning,
            "\(status.name): a job without `container:` was assigned to runners that require one",
            evidence: ["\(seen): \(LogHint.needsContainer.rawValue)"],
            remedy:
              "Add `container:` to the job in the workflow, or set ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER to false in the "
              + "values file", action: .edit(.values)))
      } else if hints.contains(.jobPodRefused) || hints.contains(.hookFailed) {
        findings.append(
          Finding(
            .hookFails, status.name, .warning, "\(status.name): the pod of a job could not be created or prepared",
            evidence: ["\(seen): \((hints.contains(.jobPodRefused) ? LogHint.jobPodRefused : .hookFailed).rawValue)"],
            remedy: "The job's image needs sh, tar and find, and glibc; dind mode runs any image", action: nil))
      } else if hints.contains(.accessDenied) {
        findings.append(
          Finding(
            .accessDenied, status.name, .warning, "\(status.name): a job may not write to a folder of its runner",
            evidence: ["\(seen): \(LogHint.accessDenied.rawValue) … is denied"],
            remedy: "The folder on this computer must belong to uid 1001, which the runner runs as", action: nil))
      } else if hints.contains(.tooManyFiles) {
        findings.append(
          Finding(
            .inotify, status.name, .warning, "\(status.name): a job failed: too many open files or watches",
            evidence: ["\(seen): \(LogHint.tooManyFiles.rawValue)"],
            remedy: "Raise fs.inotify.max_user_watches and max_user_instances; `deskrun doctor` says how", action: nil))
      } else if hints.contains(.diskFull) {
        findings.append(
          Finding(
            .disk, status.name, .bad, "\(status.name): a job failed because the disk is full",
            evidence: ["\(seen): \(LogHint.diskFull.rawValue)"],
            remedy: "Free space on this computer (`docker system prune`, `deskrun cache list`)", action: nil))
      }
    }
    findings += jobPods(status, sets, known)
    return findings
  }

  /// The newest job of these scale sets with a known result. Only this one is considered, so that a fixed problem is no
  /// longer reported.
  static func newest(of jobs: [JobRecord], in sets: Set<String>) -> JobRecord? {
    jobs.filter { sets.contains($0.scaleSet) && $0.result != .running && $0.result != .unknown }
      .max { $0.latest < $1.latest }
  }

  /// The newest job whose runner died, unless a job that started later has succeeded.
  private static func lost(_ jobs: [JobRecord]) -> JobRecord? {
    // The start of a job that was only reported after its end is unknown.
    let well = jobs.filter { $0.result == .succeeded }.compactMap { $0.started ?? $0.assigned }.max() ?? 0
    return jobs.filter { $0.result == .lost && $0.latest >= well }.max { $0.latest < $1.latest }
  }

  /// Job pods that do not start.
  private static func jobPods(_ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances) -> [Finding] {
    guard status.counts.busy > 0, let snapshot = known.snapshot else { return [] }
    for runner in snapshot.runners where !runner.jobPods.isEmpty && sets.contains(runner.scaleSet) {
      for pod in runner.jobPods where pod.phase == "Pending" {
        if let found = mountProblem(status.name, pod.metadata.name, known) { return [found] }
        let waited = known.now - (pod.metadata.created ?? known.now)
        guard waited > 30 else { continue }
        let trouble = pod.containers.lazy.compactMap { container -> (reason: String, message: String)? in
          guard case .waiting(let reason, let message) = container.activity, WaitingReason.isProblem(reason) else {
            return nil
          }
          return (reason, message ?? container.image)
        }.first
        if let why = trouble.map({ "\($0.reason): \($0.message)" }) ?? pod.unschedulable {
          return [
            Finding(
              .jobCannotStart, status.name, .warning, "\(status.name): the pod of a job does not start",
              evidence: ["\(pod.metadata.name), job \(runner.state.job?.name ?? ""): \(why)"],
              remedy: trouble == nil
                ? pod.unschedulable.map { SchedulingObstacle($0).remedy } ?? "See its events"
                : "The image in the workflow's `container:` must exist and be readable for the cluster", action: nil)
          ]
        }
      }
    }
    return []
  }
}
