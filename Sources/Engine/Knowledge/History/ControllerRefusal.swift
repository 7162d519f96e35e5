import ARC
import Basics
import Kubernetes

/// Why the controller cannot create something, which only its log tells.
package struct ControllerRefusal: Sendable, Equatable {
  /// What is missing because of it.
  package enum Missing: Sendable, Equatable {
    /// The pod of a listener, which Kubernetes, a quota or an admission webhook refuses.
    case listener
    /// The configuration of new runners, which GitHub does not give.
    case runnerConfiguration
    /// The pod of a runner, for which a quota has no room: the controller tries again without a word in the cluster.
    case runnerPod
  }

  /// What is missing.
  package var missing: Missing
  /// The controller's words: what failed and why, safe to show.
  package var text: String
  /// What GitHub's answer means, where GitHub gave it.
  package var failure: ListenerFailure
  /// When it said so, in seconds since 1970; nil when the line has no time.
  package var at: Int64?
}

extension ControllerLog {
  /// What keeps the controller from creating a scale set's listener and runners, by the newest lines that tell, one of
  /// each kind. What it succeeded with later is over.
  ///
  /// - Parameters:
  ///   - log: the controller's log, in any of its forms.
  ///   - scaleSet: the scale set, by its `ScaleSetID`. Of two with one name the listeners cannot be told apart here:
  ///     they are in the controller's namespace.
  package static func refusals(log: String, scaleSet: String) -> [ControllerRefusal] {
    refusals(lines: lines(of: log), scaleSet: scaleSet)
  }

  /// The same, from the lines of a log, for who looks for several scale sets.
  static func refusals(lines: [Substring], scaleSet: String) -> [ControllerRefusal] {
    var found: [ControllerRefusal] = []
    var isSettled: (listener: Bool, configuration: Bool, pod: Bool) = (false, false, false)
    let (name, namespace) = (ScaleSetID.name(scaleSet), ScaleSetID.namespace(scaleSet))
    for line in lines.reversed() where line.utf8.count < 64 << 10 && line.contains(name) {
      if isSettled.listener, isSettled.configuration, isSettled.pod { break }
      let fields = LogFields(line)
      switch subject(of: fields, name) {
      case .runner where !isIn(fields, namespace): continue
      case .listener where !isSettled.listener:
        if listenerSuccesses.contains(where: fields.message.hasPrefix) { isSettled.listener = true }
        guard fields.isError, let error = fields.error, !isConflict(error) else { continue }
        isSettled.listener = true
        found.append(refusal(.listener, fields, error))
      case .runner:
        if runnerSuccesses.contains(where: fields.message.hasPrefix) { isSettled.configuration = true }
        if fields.message.hasPrefix("Created ephemeral runner pod") { isSettled.pod = true }
        guard fields.isError, let error = fields.error else { continue }
        if fields.message == "Failed to create ephemeral runners secret", !isSettled.configuration {
          isSettled.configuration = true
          found.append(refusal(.runnerConfiguration, fields, error))
        }
        // `Resource quota is exceeded; requeue in 30s to retry pod creation`, and the line before such a runner is
        // created again.
        if fields.message.lowercased().contains("resource quota"), !isSettled.pod {
          isSettled.pod = true
          found.append(refusal(.runnerPod, fields, error))
        }
      default: continue
      }
    }
    return found
  }

  private static let listenerSuccesses = ["Created listener pod", "Successfully created listener pod"]
  private static let runnerSuccesses = ["Created ephemeral runner JIT config", "Created ephemeral runner secret"]

  private static func refusal(
    _ missing: ControllerRefusal.Missing, _ fields: LogFields, _ error: String
  ) -> ControllerRefusal {
    let head = fields.message == "Reconciler error" ? "" : fields.message + ": "
    return ControllerRefusal(
      missing: missing, text: SafeText.line(head) + ListenerFailure.shown(error), failure: ListenerFailure(error),
      at: fields.time)
  }

  /// Two writers met, and the next try succeeds: that is how Kubernetes works.
  private static func isConflict(_ error: String) -> Bool {
    error.hasSuffix("please apply your changes to the latest version and try again")
  }

  /// What a line is about.
  private enum Subject {
    case listener, runner, other
  }

  private static func subject(of fields: LogFields, _ scaleSet: String) -> Subject {
    let kind = fields["controllerKind"]?.lowercased()
    for (key, value) in fields.fields {
      switch key.lowercased() {
      case "autoscalinglistener.name" where isListener(value, of: scaleSet): return .listener
      case "ephemeralrunner.name" where isRunner(value, of: scaleSet): return .runner
      case "name" where kind == "autoscalinglistener" && isListener(value, of: scaleSet): return .listener
      default: continue
      }
    }
    return .other
  }

  /// How listeners of a scale set ended, as the controller saw: it writes `Listener pod is terminated` several times for
  /// each, and creates another one.
  package static func listenerEnds(log: String, scaleSet: String) -> [ListenerHealth.End] {
    listenerEnds(lines: lines(of: log), scaleSet: scaleSet)
  }

  /// The same, from the lines of a log, for who looks for several scale sets.
  static func listenerEnds(lines: [Substring], scaleSet: String) -> [ListenerHealth.End] {
    var ends: [ListenerHealth.End] = []
    var isTold = false
    let name = ScaleSetID.name(scaleSet)
    for line in lines where line.utf8.count < 64 << 10 && line.contains(name) {
      let fields = LogFields(line)
      guard subject(of: fields, name) == .listener else { continue }
      if listenerSuccesses.contains(where: fields.message.hasPrefix) { isTold = false }
      guard fields.message == "Listener pod is terminated", !isTold, let at = fields.time else { continue }
      isTold = true
      // The word that Kubernetes has for an exit code other than 0.
      if fields["reason"] == "Error" { ends.append(ListenerHealth.End(at: at)) }
    }
    return ends
  }

  /// `SET-HASH-listener`; a hash has no hyphen, the name of another scale set that begins alike would have one.
  private static func isListener(_ name: String, of scaleSet: String) -> Bool {
    guard name.hasPrefix(scaleSet + "-"), name.hasSuffix("-listener") else { return false }
    let hash = name.dropFirst(scaleSet.count + 1).dropLast("-listener".count)
    return !hash.isEmpty && !hash.contains("-")
  }

  /// `SET-xxxxx-runner-xxxxx` of ARC up to 0.14, `SET-runner-xxxxx` of newer ones.
  private static func isRunner(_ name: String, of scaleSet: String) -> Bool {
    guard name.hasPrefix(scaleSet + "-") else { return false }
    let rest = name.dropFirst(scaleSet.count + 1).split(separator: "-")
    return (rest.count == 3 && rest[1] == "runner") || (rest.count == 2 && rest[0] == "runner")
  }
}
