import DashboardCore
import Engine

/// Keys that apply the remedies of findings.
extension Model {
  /// The key that applies a finding's remedy, as shown in the pane.
  func remedyKey(_ finding: Located<Finding>) -> String? {
    guard let action = finding.action else { return nil }
    return switch action {
    case .startCluster, .bringUp: "Enter brings it up"
    case .clearFailed: "Enter clears the failed runners"
    case .restartListener: "Enter restarts the listener"
    case .raiseLimit(let limit): "Enter allows \(limit) runners"
    case .edit: "Enter opens the form"
    case .upgrade: "Enter upgrades"
    case .remove: "Enter removes it"
    case .bind(let target) where canBind(finding): "Enter binds it to \(SafeText.line(target.context))"
    case .bind, .rebind: action.command(finding.installation).map(clusters[finding.cluster].invocation.command)
    case .recreateCluster: "Enter deletes the cluster; u creates it again"
    }
  }

  /// Whether this dashboard watches the context that a finding binds an installation to, and shows it there.
  private func canBind(_ finding: Located<Finding>) -> Bool {
    if case .bind(let target)? = finding.action { clusters[finding.cluster].target == target } else { false }
  }

  /// The command that Enter performs on a finding.
  var remedyCommand: Command? {
    switch selectedFinding?.action {
    case .startCluster?: .createCluster
    case .bringUp?: selectedFinding?.installation == nil ? .bringUpAll : .bringUp
    case .clearFailed?: .clearFailed
    case .restartListener?: .restartListener
    case .raiseLimit?: .scale
    // Binding changes its entry, so it is available like a change of it.
    case .edit?: .edit
    case .bind?: selectedFinding.flatMap { canBind($0) ? .edit : nil }
    case .upgrade?: .upgrade
    case .remove?: .remove
    case .recreateCluster?: .deleteCluster
    // Only the user knows the correct context.
    case .rebind?, nil: nil
    }
  }

  /// Applies the remedy of the selected finding. Choices and confirmations are shown first, as with its own key.
  mutating func remedy() {
    guard let finding = selectedFinding, let command = remedyCommand else { return }
    if case .no(let why) = availability(command) { return toast(why, .plain, refused: command) }
    switch finding.action {
    case .raiseLimit(let limit)?:
      if let installation = subject?.value.installation { askForScale(installation, maximum: limit) }
    case .edit(let option)?:
      if let subject, let installation = subject.value.installation {
        var form = FormState(installation, fixing: option, finding.title)
        form.cluster = subject.cluster
        openForm(form)
      }
    case .bind?:
      let fixes = finding.value.fixes(clusters[finding.cluster].knowledge)
      if let first = fixes.first { confirm(first, on: finding.cluster, [("Bind", .run(fixes))]) }
    case .clearFailed?:
      let fixes = finding.value.fixes(clusters[finding.cluster].knowledge)
      if fixes.isEmpty {
        toast("The failing runners are gone", .plain)
      } else {
        confirmDeletion(fixes, on: finding.cluster)
      }
    case .restartListener?:
      let fixes = finding.value.fixes(clusters[finding.cluster].knowledge)
      if let first = fixes.first { confirm(first, on: finding.cluster, [("Restart", .run(fixes))]) }
    default: perform(command)
    }
  }
}
