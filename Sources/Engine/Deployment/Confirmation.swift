import ARC
import Basics
import Installations
import Tools

/// The question before a plan runs: what it removes and keeps, and which jobs it affects.
package struct Confirmation: Sendable, Equatable {
  /// Ends in a question mark.
  package var question: String
  /// What the user should know before answering, one sentence each.
  package var notes: [String]
  package var consequences: Consequences?
  /// What was not done if the answer is no.
  package var refusal: String

  package init(question: String, notes: [String] = [], consequences: Consequences? = nil, refusal: String) {
    self.question = question
    self.notes = notes
    self.consequences = consequences
    self.refusal = refusal
  }

  /// What is removed and what is kept, as lists in words.
  package struct Consequences: Sendable, Equatable {
    package var removes: String
    package var keeps: String
  }
}

extension PlanRequest {
  /// The consequences of the request itself, whatever its plan is; nil if it removes nothing.
  package func consequences(on target: ClusterTarget) -> Confirmation.Consequences? {
    let context = target.words
    let keepsAll = "configuration and caches; `deskrun up` brings it back"
    return switch self {
    case .remove(let name, _, _):
      Confirmation.Consequences(
        removes: "scale set, listener, runners and credentials of \(name), and its entry in the configuration",
        keeps: "cluster, controller, logs of its jobs, caches")
    case .forget(let name):
      Confirmation.Consequences(
        removes: "the entry of \(name) in the configuration",
        keeps: "whatever its cluster has of it, logs of its jobs, caches")
    case .down where target.kindCluster == nil:
      Confirmation.Consequences(
        removes: "the scale sets and the controller that deskrun installed in \(context)", keeps: keepsAll)
    case .down: Confirmation.Consequences(removes: "the cluster \(context) with everything in it", keeps: keepsAll)
    case .deleteCluster:
      Confirmation.Consequences(removes: "the cluster \(context) with everything in it, at once", keeps: keepsAll)
    case .stopCluster:
      Confirmation.Consequences(
        removes: "nothing; jobs that run fail", keeps: "the cluster and everything in it, configuration, caches")
    default: nil
    }
  }

  /// The question before it runs.
  package func question(on target: ClusterTarget) -> String {
    let context = target.words
    return switch self {
    case .stopCluster: "Stop the cluster \(context)?"
    case .deleteCluster: "Delete the cluster \(context)?"
    case .down: "Take down \(context)?"
    case .upgrade(_, let goal, _): "Upgrade to ARC \(goal ?? SupportedARC.newest)?"
    case .takeOver: "Change the configuration of \(installation ?? "")?"
    default: title.prefix(1).uppercased() + title.dropFirst() + "?"
    }
  }

  /// What the user should know, whatever its plan is.
  package var notes: [String] {
    switch self {
    case .remove(_, _, force: true):
      [
        "--force removes the finalizers that keep objects until GitHub has been told. Use it when a removal hangs: the "
          + "scale set may stay listed on GitHub (Settings → Actions → Runners), where offline runners vanish after a day."
      ]
    case .upgrade:
      [
        "Controller, definitions and scale sets are brought to one version. Where its minor version changes, the "
          + "configured scale sets are removed and installed again: no job starts meanwhile. What deskrun did not "
          + "install is left alone."
      ]
    case .restartListener: ["Runners and their jobs continue. No new jobs start for some seconds."]
    case .deleteRunners: ["The controller creates new runners. This does not fix what made them fail."]
    default: []
    }
  }

  /// The question before its plan runs; nil if nothing would be lost.
  package func confirmation(of plan: Plan, on target: ClusterTarget) -> Confirmation? {
    var asked = Confirmation(
      question: question(on: target), notes: BusyRunner.lines(plan.busyRunners, policy) + notes,
      consequences: consequences(on: target), refusal: refusal(on: target))
    var isNeeded = asked.consequences != nil
    switch self {
    case .edit: isNeeded = !plan.busyRunners.isEmpty || !plan.recreations.isEmpty
    case .takeOver:
      isNeeded = true
      asked.notes = plan.takenOver + asked.notes
    case .adopt:
      isNeeded = true
      asked.notes += plan.changedValues.flatMap { scaleSet, changes in
        ["Helm values of \(scaleSet) that change:"] + changes.map { "  \($0)" }
      }
    case .upgrade:
      asked.question = "\(plan.title)?"
      // What the plan contains is more specific than what applies to any upgrade.
      asked.notes = BusyRunner.lines(plan.busyRunners, policy)
      if let removed = plan.replaced {
        isNeeded = true
        asked.notes.append("\(removed) removed and installed again; no job starts meanwhile.")
      }
    case .restartListener, .deleteRunners: isNeeded = true
    case .rebind:
      isNeeded = plan.rebinds != nil || plan.acceptsCluster != nil
      asked.question = "\(plan.title)?"
      if let other = plan.acceptsCluster {
        asked.question = "Is \(other.context) the cluster of \(other.installation) from now on?"
        asked.notes += ["\(other.what). \(other.why)."]
      }
    default: break
    }
    if !plan.lostPods.isEmpty {
      if !isNeeded { asked.question = "Delete the cluster \(target.context) and create it again?" }
      isNeeded = true
      asked.notes += ["These run on the half-created cluster and are lost:"] + plan.lostPods.map { "  \($0)" }
    }
    return isNeeded ? asked : nil
  }

  private func refusal(on target: ClusterTarget) -> String {
    switch self {
    case .edit, .takeOver, .scale, .rebind: "\(installation ?? "") was not changed"
    case .adopt: "\(installation ?? "") was not adopted"
    case .remove, .forget: "\(installation ?? "") was not removed"
    case .down: "\(target.context) was not deleted"
    case .deleteCluster: "\(target.context) was not deleted"
    case .upgrade: "Nothing was upgraded"
    default: "Nothing was changed"
    }
  }
}

extension BusyRunner {
  /// The sentence before a list of runners with a job.
  ///
  /// - Parameter policy: what happens to their jobs; nil while not chosen.
  package static func heading(_ count: Int, _ policy: RunnerPolicy? = nil) -> String {
    let head = count == 1 ? "1 runner has a job now" : "\(count) runners have a job now"
    return switch policy {
    case .finishJobs?: "\(head); \(count == 1 ? "it finishes" : "they finish") first:"
    case .interrupt?: "\(head); \(count == 1 ? "it" : "they") will FAIL:"
    case nil: "\(head):"
    }
  }

  package static func lines(_ runners: [BusyRunner], _ policy: RunnerPolicy) -> [String] {
    guard !runners.isEmpty else { return [] }
    return [heading(runners.count, policy)] + runners.map { "  \($0.name)   \($0.job)   \($0.repository)" }
  }
}

extension Plan {
  /// What an upgrade removes and installs again, as the start of a sentence; nil for nothing.
  fileprivate var replaced: String? {
    let sets = steps.compactMap { if case .uninstallScaleSet(let set) = $0.action { set.name } else { nil } }
    let hasController = steps.contains { if case .uninstallController = $0.action { true } else { false } }
    let names = sets.joined(separator: ", ")
    guard hasController else { return sets.isEmpty ? nil : "The scale sets \(names) are" }
    return "The controller" + (sets.isEmpty ? " is" : " and the scale sets \(names) are")
  }

  /// The changes of Helm values by scale set.
  package var changedValues: [(scaleSet: String, changes: [String])] {
    var names: [String] = []
    for change in valueChanges where !names.contains(change.scaleSet) { names.append(change.scaleSet) }
    return names.map { name in (name, valueChanges.filter { $0.scaleSet == name }.map(\.text)) }
  }
}
