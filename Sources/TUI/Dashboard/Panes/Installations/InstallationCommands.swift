import DashboardCore
import Engine

/// What is done with an installation.
extension InstallationsPane {
  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .edit, .scale, .scaleUp, .scaleDown, .bringUp:
      guard let subject = model.subject else { return .no("no installation is selected") }
      guard let installation = subject.installation else { return .no("\(subject.name) is not in the configuration") }
      if [.scale, .scaleUp, .scaleDown].contains(command), installation.instances > 1 {
        return .no("each of its \(installation.instances) instances has one runner; edit their number")
      }
      return model.busyReason(subject)
    case .remove:
      guard let subject = model.subject else { return .no("no installation is selected") }
      return model.foreignReason(subject) ?? model.busyReason(subject)
    case .restartListener:
      guard let subject = model.subject else { return .no("no installation is selected") }
      guard model.isFresh else { return model.needsCluster }
      if let foreign = model.foreignReason(subject) { return foreign }
      return model.snapshot?.listenerPod(of: subject.scaleSets.first?.metadata.name ?? "") == nil
        ? .no("\(subject.name) has no listener") : .yes
    case .clearFailed:
      guard let subject = model.subject, subject.counts.failing > 0 else { return .no("no runner fails") }
      return model.foreignReason(subject) ?? model.needsCluster
    default: return nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .open:
      if let name = model.selectedStatus?.name { model.scope = name }
      model.refreshRows()
      model.focus(.second)
    case .add: model.openForm(model.draft ?? FormState())
    case .edit: if let installation = model.subject?.installation { model.openForm(FormState(installation)) }
    case .remove: if let subject = model.subject { remove(subject, &model) }
    case .scale:
      if let installation = model.subject?.installation {
        model.askForScale(installation, installation.runners.minimum, installation.runners.maximum)
      }
    case .scaleUp: nudge(1, &model)
    case .scaleDown: nudge(-1, &model)
    case .bringUp: if let subject = model.subject { model.start(.up(subject.name)) }
    case .restartListener: restartListener(&model)
    case .clearFailed: clearFailed(&model)
    default: return false
    }
    return true
  }

  private func nudge(_ step: Int, _ model: inout Model) {
    guard let installation = model.subject?.installation else { return }
    let counts = installation.runners
    let maximum = counts.maximum + step
    guard maximum >= 1 else { return model.toast("At least one runner must be allowed", .plain) }
    model.start(
      .scale(
        installation.name.description, minimum: min(counts.minimum, maximum), maximum: maximum, from: counts))
  }

  private func remove(_ status: InstallationStatus, _ model: inout Model) {
    let busy = model.busyLines(status.runners)
    let jobs = status.runners.filter { $0.state.job != nil }.count
    let runners =
      status.runners.isEmpty ? "" : status.runners.count == 1 ? "1 runner, " : "\(status.runners.count) runners, "
    let keepsCaches = status.installation?.caches.isEmpty == false
    let goes = "\(runners)scale set, listener, secret \(status.name)-credentials, and its place in the configuration"
    let stays: DialogState.Line =
      keepsCaches
      ? .caches("Stays", before: "cluster, controller, ", after: ", logs of its jobs")
      : .pair("Stays", "cluster, controller, logs of its jobs")
    if keepsCaches { model.ask(.measureCaches(status.name)) }
    model.ask(
      "Remove \(status.name)?", busy + [.pair("Goes", goes), stays], cachesOf: keepsCaches ? status.name : nil,
      busy.isEmpty
        ? [("Remove", .run(.remove(status.name, .finishJobs, force: false)))]
        : [
          (
            jobs == 1 ? "Wait for the job, then remove" : "Wait for the jobs, then remove",
            .run(.remove(status.name, .finishJobs, force: false))
          ), ("Remove now, the jobs fail", .run(.remove(status.name, .interrupt, force: false))),
        ])
  }

  private func restartListener(_ model: inout Model) {
    guard let subject = model.subject, let set = subject.scaleSets.first?.metadata.name,
      let pod = model.snapshot?.listenerPod(of: set)
    else { return }
    model.ask(
      "Restart the listener of \(subject.name)?",
      [.text("Runners and their jobs go on. For some seconds no new jobs are taken.")],
      [("Restart", .run(.restartListener(listener: pod.metadata.name, scaleSet: set)))])
  }

  private func clearFailed(_ model: inout Model) {
    guard let failing = model.subject?.failing, let first = failing.first else { return }
    model.ask(
      failing.count == 1 ? "Delete the failing runner?" : "Delete \(failing.count) failing runners?",
      failing.prefix(6).map { .text("  " + $0.name) }
        + [.text("The controller creates new ones. This does not fix what made them fail.")],
      [("Delete", .run(.deleteRunners(failing.map(\.name), scaleSet: first.scaleSet)))])
  }
}

extension Model {
  /// Why what is only in the cluster is not touched: nothing shows that deskrun deployed it. Plans check more than this.
  func foreignReason(_ status: InstallationStatus) -> Availability? {
    guard status.installation == nil, !status.scaleSets.isEmpty, status.scaleSets.allSatisfy({ $0.mark == nil }) else {
      return nil
    }
    return .no(
      settings.invocation.text(
        "\(status.name) was not deployed by deskrun; `deskrun adopt \(status.name)` takes it over"))
  }

  fileprivate func busyReason(_ status: InstallationStatus) -> Availability {
    activity(of: status.name).map { .no("deskrun is \($0.request.verb) it") } ?? .yes
  }
}
