import Engine
import TerminalKit

/// Commands that change something, or show something of the selection.
extension Model {
  mutating func act(_ command: Command) {
    switch command {
    case .add: openForm(draft ?? FormState())
    case .edit: if let installation = subject?.installation { openForm(FormState(installation)) }
    case .remove: if let subject { overlays.append(.dialog(removal(of: subject))) }
    case .scale:
      if let installation = subject?.installation {
        askFor(
          .scale(installation.name.description), "\(installation.runners.minimum)-\(installation.runners.maximum)")
      }
    case .scaleUp, .scaleDown: nudge(command == .scaleUp ? 1 : -1)
    case .bringUp: if let subject { start(.up(subject.name)) }
    case .restartListener: restartListener()
    case .upgrade, .createCluster, .stopCluster, .deleteCluster, .takeDown: changeCluster(command)
    case .deleteRunner: if let runner = selectedRunner { overlays.append(.dialog(deletion(of: runner))) }
    case .clearFailed: clearFailed()
    case .logs: openLog()
    case .listenerLog:
      guard let set = logSubject?.scaleSets.first?.metadata.name ?? logSubject?.name else { return }
      openLog(.listener(scaleSet: set))
    case .controllerLog: openLog(.controller)
    case .mergedLog:
      if let status = logSubject {
        openLog(.installation(status.name, scaleSets: status.scaleSetNames))
      }
    case .shell: openShell()
    case .openRun: if let link = runLink { ask(.open(link)) }
    case .copyLink: if let link = runLink { ask(.copy(link)) }
    case .copy: copySelection()
    case .yaml: openYAML()
    case .describe:
      show(.details)
      focus(.bottom)
    case .why:
      if let name = subject?.name, let at = findings.firstIndex(where: { $0.installation == name }) {
        findingIndex = at
      }
      focus(.bottom)
      show(.findings)
    case .remedy: remedy()
    case .bringUpAll: start(.up(nil))
    case .cancelActivity: confirmCancel()
    case .runAgain: if let activity = currentActivity { start(activity.request) }
    case .nextActivity: moveActivity(1)
    case .previousActivity: moveActivity(-1)
    default: break
    }
  }

  // MARK: Installations

  private mutating func nudge(_ step: Int) {
    guard let installation = subject?.installation else { return }
    let counts = installation.runners
    let maximum = counts.maximum + step
    guard maximum >= 1 else { return toast("At least one runner must be allowed", .plain) }
    start(
      .scale(
        installation.name.description, minimum: min(counts.minimum, maximum), maximum: maximum, from: counts))
  }

  private func busyLines(_ runners: [Runner]) -> [DialogState.Line] {
    let busy = runners.filter { $0.state.job != nil }
    guard !busy.isEmpty else { return [] }
    let head = busy.count == 1 ? "1 of its runners is working now:" : "\(busy.count) of its runners are working now:"
    let shown = busy.prefix(6).map { DialogState.Line.busy(runner: $0.name) }
    let more = busy.count > 6 ? [DialogState.Line.text("  and \(busy.count - 6) more")] : []
    return [.warning(head)] + shown + more + [.text("")]
  }

  private mutating func removal(of status: InstallationStatus) -> DialogState {
    let busy = busyLines(status.runners)
    let count = status.runners.count
    let keepsCaches = status.installation?.caches.isEmpty == false
    var lines = busy
    lines.append(
      .pair(
        "Goes",
        (count == 0 ? "" : count == 1 ? "1 runner, " : "\(count) runners, ")
          + "scale set, listener, secret \(status.name)-credentials, and its place in the configuration"))
    lines.append(.pair("Stays", "cluster, controller" + (keepsCaches ? ", caches" : "") + ", logs of its jobs"))
    let jobs = busy.count - 2
    let wait: DialogState.Button = .init(
      label: jobs == 1 ? "Wait for the job, then remove" : "Wait for the jobs, then remove",
      action: .run(.remove(status.name, .finishJobs, force: false)))
    let now: DialogState.Button = .init(
      label: busy.isEmpty ? "Remove" : "Remove now, the jobs fail",
      action: .run(.remove(status.name, busy.isEmpty ? .finishJobs : .interrupt, force: false)))
    if keepsCaches { ask(.measureCaches(status.name)) }
    return DialogState(
      title: "Remove \(status.name)?", lines: lines,
      buttons: [.init(label: "Cancel", action: .close)] + (busy.isEmpty ? [now] : [wait, now]),
      cachesOf: keepsCaches ? status.name : nil)
  }

  private mutating func restartListener() {
    guard let subject, let set = subject.scaleSets.first?.metadata.name, let pod = snapshot?.listenerPod(of: set)
    else { return }
    overlays.append(
      .dialog(
        DialogState(
          title: "Restart the listener of \(subject.name)?",
          lines: [.text("Runners and their jobs go on. For some seconds no new jobs are taken.")],
          buttons: [
            .init(label: "Cancel", action: .close),
            .init(
              label: "Restart",
              action: .run(.restartListener(listener: pod.metadata.name, scaleSet: set))),
          ])))
  }

  private mutating func changeCluster(_ command: Command) {
    let all = statuses.flatMap(\.runners)
    let busy = busyLines(all)
    let cancel = DialogState.Button(label: "Cancel", action: .close)
    switch command {
    case .createCluster: start(configuration.installations.isEmpty ? .createCluster : .up(nil))
    case .upgrade:
      var buttons = [cancel]
      if busy.isEmpty {
        buttons.append(.init(label: "Upgrade", action: .run(.upgrade(.finishJobs))))
      } else {
        buttons.append(.init(label: "Wait for the jobs, then upgrade", action: .run(.upgrade(.finishJobs))))
        buttons.append(.init(label: "Upgrade now, the jobs fail", action: .run(.upgrade(.interrupt))))
      }
      overlays.append(
        .dialog(
          DialogState(
            title: "Upgrade to ARC \(SupportedARC.newest)?",
            lines: busy + [
              .text(
                "Controller, definitions and scale sets are brought to one version. Where its minor version changes, "
                  + "the configured scale sets are removed and installed again: no job starts meanwhile. What deskrun did "
                  + "not install is left alone."
              )
            ], buttons: buttons)))
    case .stopCluster:
      overlays.append(
        .dialog(
          DialogState(
            title: "Stop the cluster \(settings.context)?",
            lines: busy + [
              .pair(
                "Goes", busy.isEmpty ? "nothing; the runners come back with the cluster" : "the jobs named above fail"),
              .pair("Stays", "the cluster and everything in it, configuration, caches"),
            ], buttons: [cancel, .init(label: "Stop", action: .run(.stopCluster))])))
    case .deleteCluster, .takeDown:
      let isOrderly = command == .takeDown
      overlays.append(
        .dialog(
          DialogState(
            title: isOrderly ? "Take \(settings.context) down?" : "Delete the cluster \(settings.context) at once?",
            lines: busy + [
              .pair(
                "Goes",
                settings.isKind
                  ? "all runners, scale sets, the controller and the cluster"
                  : "runners, scale sets and the controller that deskrun installed"),
              .pair("Stays", "configuration and caches; u brings it all back"),
            ],
            buttons: isOrderly
              ? [
                cancel, .init(label: "Wait for jobs, then take down", action: .run(.down(.finishJobs))),
                .init(label: "Take down now", action: .run(.down(.interrupt))),
              ] : [cancel, .init(label: "Delete", action: .run(.deleteCluster))])))
    default: break
    }
  }

  // MARK: Runners

  private func deletion(of runner: Runner) -> DialogState {
    DialogState(
      title: "Delete the runner \(runner.name)?",
      lines: (runner.state.job == nil
        ? []
        : [
          .warning(
            RunnerDeletion.killsJob(snapshot?.controller.flatMap { ARCRelease($0.version) })
              ? "It has a job, which is ended and fails:" : "It has a job. It is deleted when the job is over:"),
          .busy(runner: runner.name),
        ])
        + [.text("The controller makes another one when one is needed.")],
      buttons: [
        .init(label: "Cancel", action: .close),
        .init(label: "Delete", action: .run(.deleteRunners([runner.name], scaleSet: runner.scaleSet))),
      ])
  }

  private mutating func clearFailed() {
    guard let subject else { return }
    let failing = subject.failing
    guard let first = failing.first else { return }
    overlays.append(
      .dialog(
        DialogState(
          title: failing.count == 1 ? "Delete the failing runner?" : "Delete \(failing.count) failing runners?",
          lines: failing.prefix(6).map { .text("  " + $0.name) }
            + [.text("The controller makes others. What made them fail is not mended by this.")],
          buttons: [
            .init(label: "Cancel", action: .close),
            .init(
              label: "Delete", action: .run(.deleteRunners(failing.map(\.name), scaleSet: first.scaleSet))),
          ])))
  }

  private mutating func openShell() {
    guard let runner = selectedRunner else { return }
    if let pod = selectedJobPod {
      ask(.shell(pod: pod.metadata.name, container: pod.containers.first { !$0.isInit }?.name ?? ""))
    } else {
      ask(.shell(pod: runner.name, container: "runner"))
    }
  }

  // MARK: Reading

  /// The installation whose listener or merged log is meant; in the log pane, that of the shown log.
  private var logSubject: InstallationStatus? {
    guard focus == .bottom, tab == .logs else { return subject }
    let set: String? =
      switch log.target {
      case .runner(_, let set, _)?, .listener(let set)?: set
      default: nil
      }
    return set.flatMap(statuses.owner(ofScaleSet:)) ?? subject
  }

  private mutating func openLog() {
    if focus == .bottom, tab == .jobs, let job = selectedJob {
      return openLog(.runner(name: job.runner, scaleSet: job.scaleSet, container: "runner"))
    }
    if let pod = selectedJobPod, focus == .runners {
      return openLog(.pod(name: pod.metadata.name, container: pod.containers.first { !$0.isInit }?.name ?? ""))
    }
    if let runner = selectedRunner {
      return openLog(.runner(name: runner.name, scaleSet: runner.scaleSet, container: "runner"))
    }
  }

  private mutating func openLog(_ target: LogTarget) {
    focus(.bottom)
    let isSame = target == log.target && tab == .logs
    if !isSame {
      // Set before the tab is shown, so that only one log is asked for.
      let wasLogs = tab == .logs
      log.target = target
      isLogPinned = true
      if wasLogs { restartLog() } else { show(.logs) }
    }
  }

  private mutating func copySelection() {
    switch focus {
    case .installations: if let name = selectedStatus?.name { ask(.copy(name)) }
    case .runners: if let name = selectedRunner?.name { ask(.copy(name)) }
    case .bottom:
      switch tab {
      case .logs: ask(.copy(logText))
      case .events:
        if eventRows.indices.contains(eventTable.index) {
          let event = events[eventRows[eventTable.index]]
          ask(.copy("\(event.reason) \(event.kind)/\(event.object): \(event.message)"))
        }
      case .jobs: if let job = selectedJob { ask(.copy(job.runner)) }
      case .findings:
        if let finding = selectedFinding {
          ask(.copy(([finding.title] + finding.evidence + [finding.remedy]).joined(separator: "\n")))
        }
      case .activity: if let activity = currentActivity { ask(.copy(activity.output.joined(separator: "\n"))) }
      case .details: ask(.copy(details.lines.joined(separator: "\n")))
      }
    }
  }

  private mutating func openYAML() {
    let kind: String
    let name: String
    if focus == .runners || focus == .bottom, let pod = selectedJobPod {
      (kind, name) = ("pods", pod.metadata.name)
    } else if focus != .installations, let runner = selectedRunner {
      (kind, name) = ("ephemeralrunners", runner.name)
    } else if let set = subject?.scaleSets.first?.metadata.name {
      (kind, name) = ("autoscalingrunnersets", set)
    } else {
      return toast("It is not in the cluster", .plain)
    }
    var page = TextPage(title: "\(kind)/\(name)", text: "Loading …")
    page.fileName = "\(name).yaml"
    let request = nextNumber()
    page.request = request
    overlays.append(.page(page))
    ask(.fetchYAML(kind: kind, name: name, title: page.title, request: request))
  }

  // MARK: Activity

  mutating func moveActivity(_ step: Int) {
    guard let current = activities.firstIndex(where: { $0.id == currentActivity?.id }) else { return }
    let next = max(0, min(activities.count - 1, current + step))
    shownActivity = activities[next].id
  }

  private mutating func confirmCancel() {
    guard let activity = currentActivity else { return }
    overlays.append(
      .dialog(
        DialogState(
          title: "Cancel: \(activity.title)?",
          lines: [.text("What is done stays done, and running it again goes on from there.")],
          buttons: [
            .init(label: "Go on", action: .close), .init(label: "Cancel it", action: .cancelActivity(activity.id)),
          ])))
  }
}
