import DashboardCore
import Engine

/// Commands for an installation.
extension InstallationsPane {
  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .edit, .scale, .scaleUp, .scaleDown, .bringUp:
      guard let subject = model.subject else { return .no("no installation is selected") }
      if let foreign = model.foreignReason(subject) { return foreign }
      guard let installation = subject.installation else { return .no("\(subject.name) is not in the configuration") }
      if [.scale, .scaleUp, .scaleDown].contains(command), installation.instances > 1 {
        return .no("each of its \(installation.instances) instances has one runner; edit their number")
      }
      // A further key press is added to a plan that changes the limits.
      if [.scaleUp, .scaleDown].contains(command),
        case .scale? = model.activity(of: subject.name, in: subject.cluster)?.request
      {
        return .yes
      }
      if [.scale, .scaleUp, .scaleDown].contains(command), let reason = model.unreachedReason(subject.cluster) {
        return reason
      }
      return model.busyReason(subject)
    case .remove:
      guard let subject = model.subject else { return .no("no installation is selected") }
      if let foreign = model.foreignReason(subject) { return foreign }
      if case .no(let why)? = model.unreachedReason(subject.cluster) {
        let wayOut = "\(why); `deskrun remove \(subject.name) --skip-cluster` if it no longer exists"
        return .no(subject.installation == nil ? why : model.clusters[subject.cluster].invocation.text(wayOut))
      }
      return model.busyReason(subject)
    case .restartListener:
      guard let subject = model.subject else { return .no("no installation is selected") }
      if case .no(let why) = model.needsCluster(subject.cluster) { return .no(why) }
      if let foreign = model.foreignReason(subject) { return foreign }
      return model.clusters[subject.cluster].snapshot?.listenerPod(of: subject.scaleSets.first?.id ?? "") == nil
        ? .no("\(subject.name) has no listener") : .yes
    case .clearFailed:
      guard let subject = model.subject, subject.counts.failing > 0 else { return .no("no runner fails") }
      return model.foreignReason(subject) ?? model.needsCluster(subject.cluster)
    default: return nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .open:
      if let status = model.selectedStatus {
        model.scope = InstallationScope(cluster: status.cluster, name: status.name)
      }
      model.refreshRows()
      model.focus(.second)
    case .add:
      var form = model.draft ?? FormState()
      form.cluster = model.meantCluster
      model.openForm(form)
    case .edit:
      if let subject = model.subject, let installation = subject.value.installation {
        var form = FormState(installation)
        form.cluster = subject.cluster
        model.openForm(form)
      }
    case .remove: if let subject = model.subject { remove(subject, &model) }
    case .scale:
      if let installation = model.subject?.value.installation {
        model.askForScale(installation)
      }
    case .scaleUp, .scaleDown:
      if let installation = model.subject?.value.installation {
        model.nudge(installation, by: command == .scaleUp ? 1 : -1)
      }
    case .bringUp: if let subject = model.subject { model.start(.up(subject.name), on: subject.cluster) }
    case .restartListener: restartListener(&model)
    case .clearFailed: clearFailed(&model)
    default: return false
    }
    return true
  }

  private func remove(_ status: Located<InstallationStatus>, _ model: inout Model) {
    let busy = status.value.runners.count(where: { $0.state.job != nil })
    let keepsCaches = status.installation?.caches.isEmpty == false
    if keepsCaches { model.ask(.measureCaches(status.name)) }
    func request(_ policy: RunnerPolicy) -> PlanRequest { .remove(status.name, policy, force: false) }
    model.confirm(
      request(.finishJobs), on: status.cluster, runners: status.value.runners,
      cachesOf: keepsCaches ? status.name : nil,
      busy == 0
        ? [("Remove", .run([request(.finishJobs)]))]
        : [
          (
            busy == 1 ? "Wait for the job, then remove" : "Wait for the jobs, then remove",
            .run([request(.finishJobs)])
          ), ("Remove now, the jobs fail", .run([request(.interrupt)])),
        ])
  }

  private func restartListener(_ model: inout Model) {
    guard let subject = model.subject, let set = subject.scaleSets.first?.id,
      let pod = model.clusters[subject.cluster].snapshot?.listenerPod(of: set)
    else { return }
    let request = PlanRequest.restartListener(pod.metadata.name, scaleSet: set)
    model.confirm(request, on: subject.cluster, [("Restart", .run([request]))])
  }

  private func clearFailed(_ model: inout Model) {
    guard let subject = model.subject, let first = subject.value.failing.first else { return }
    model.confirmDeletion(
      [.deleteRunners(subject.value.failing.map(\.name), scaleSet: first.scaleSet)], on: subject.cluster)
  }
}

extension Model {
  /// Why a scale set that is only in the cluster is not changed: this deskrun did not deploy it. Plans perform further
  /// checks.
  func foreignReason(_ status: Located<InstallationStatus>) -> Availability? {
    guard let manager = status.manager else { return nil }
    let what =
      "\(status.name) was not deployed by this deskrun" + (manager == .unknown ? "" : ", but by \(manager.words)")
    let cluster = clusters[status.cluster]
    guard let name = status.value.adoptableName(in: cluster.knowledge.configuration) else { return .no(what) }
    return .no(cluster.invocation.text("\(what); `deskrun adopt \(name)` takes it over"))
  }

  fileprivate func busyReason(_ status: Located<InstallationStatus>) -> Availability {
    activity(of: status.name, in: status.cluster).map { .no("still \($0.request.verb)") } ?? .yes
  }
}
