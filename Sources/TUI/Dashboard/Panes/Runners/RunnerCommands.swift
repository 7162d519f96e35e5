import DashboardCore
import Engine

/// Commands for a runner.
extension RunnersPane {
  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .shell: return shellAvailability(model)
    case .openRun, .copyLink:
      return model.focusedPane.link(model) == nil ? .no("no job of a known run is selected") : .yes
    case .deleteRunner:
      guard let runner = model.selectedRunner else { return .no("no runner is selected") }
      return model.status(ofScaleSet: runner.scaleSet, in: runner.cluster).flatMap(model.foreignReason)
        ?? model.needsCluster(runner.cluster)
    default: return nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .shell: openShell(&model)
    case .openRun: if let link = model.focusedPane.link(model) { model.ask(.open(link)) }
    case .copyLink: if let link = model.focusedPane.link(model) { model.ask(.copy(link)) }
    case .deleteRunner: if let runner = model.selectedRunner { delete(runner, &model) }
    default: return false
    }
    return true
  }

  private func shellAvailability(_ model: Model) -> Availability {
    guard let runner = model.selectedRunner else { return .no("no runner is selected") }
    if case .no(let why) = model.needsCluster(runner.cluster) { return .no(why) }
    if model.selectedJobPod != nil { return .yes }
    switch runner.value.state {
    case .idle, .busy: return .yes
    case .finishing: return .no("\(runner.name) is being removed")
    case .starting, .failing: return .no("\(runner.name) does not run")
    }
  }

  private func delete(_ runner: Located<Runner>, _ model: inout Model) {
    let killsJob = RunnerDeletion.killsJob(
      model.clusters[runner.cluster].snapshot?.controller.flatMap { ARCRelease($0.version) })
    let job: [DialogState.Line] = [
      .warning(
        killsJob ? "It has a job, which is ended and fails:" : "It has a job. It is deleted when the job is over:"),
      .busy(runner: runner.name),
    ]
    model.ask(
      "Delete the runner \(runner.name)?",
      (runner.value.state.job == nil ? [] : job) + [.text("The controller creates another one when one is needed.")],
      on: runner.cluster,
      [("Delete", .run([.deleteRunners([runner.name], scaleSet: runner.scaleSet)]))])
  }

  private func openShell(_ model: inout Model) {
    guard let runner = model.selectedRunner else { return }
    let namespace = ScaleSetID.namespace(runner.scaleSet)
    if let pod = model.selectedJobPod {
      let container = pod.containers.first { !$0.isInit }?.name ?? ""
      model.ask(.shell(pod: pod.metadata.name, container: container, namespace: namespace), on: runner.cluster)
    } else {
      model.ask(.shell(pod: runner.name, container: "runner", namespace: namespace), on: runner.cluster)
    }
  }
}
