import ARC
import Basics
import Kubernetes

/// Why the controller cannot create something, known only from its log.
package struct ControllerRefusal: Sendable, Equatable {
  /// What cannot be created.
  package enum Missing: Sendable, Equatable {
    /// The pod of a listener, rejected by Kubernetes, a quota or an admission webhook.
    case listener
    /// The configuration of new runners, which GitHub does not provide.
    case runnerConfiguration
    /// The pod of a runner that exceeds a quota: the controller retries without reporting this in the cluster.
    case runnerPod
  }

  /// What cannot be created.
  package var missing: Missing
  /// The controller's message with what failed and why, escaped for display.
  package var text: String
  /// The meaning of GitHub's response, if the error is GitHub's.
  package var failure: ListenerFailure
  /// When it was logged, in seconds since 1970; nil if the line has no time.
  package var at: Int64?
}

extension ControllerLog {
  /// What prevents the controller from creating a scale set's listener and runners, according to the newest relevant
  /// lines, one of each kind. Errors followed by a success are ignored.
  ///
  /// - Parameters:
  ///   - log: the controller's log, in any of its formats.
  ///   - scaleSet: the scale set's `ScaleSetID`. Listeners of two scale sets with the same name cannot be distinguished
  ///     here: they are in the controller's namespace.
  package static func refusals(log: String, scaleSet: String) -> [ControllerRefusal] {
    refusals(lines: lines(of: log), scaleSet: scaleSet)
  }

  /// As above, from the lines of a log, for callers that look for several scale sets.
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
        // recreated.
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

  /// A write conflict, which the next try resolves: normal in Kubernetes.
  private static func isConflict(_ error: String) -> Bool {
    error.hasSuffix("please apply your changes to the latest version and try again")
  }

  /// The object that a line is about.
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

  /// The exits of a scale set's listeners according to the controller, which logs `Listener pod is terminated` several
  /// times for each and creates another one.
  package static func listenerEnds(log: String, scaleSet: String) -> [ListenerHealth.End] {
    listenerEnds(lines: lines(of: log), scaleSet: scaleSet)
  }

  /// As above, from the lines of a log, for callers that look for several scale sets.
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
      // Kubernetes' reason for an exit code other than 0.
      if fields["reason"] == "Error" { ends.append(ListenerHealth.End(at: at)) }
    }
    return ends
  }

  /// `SET-HASH-listener`; a hash has no hyphen, while the name of another scale set with this prefix would contain one.
  private static func isListener(_ name: String, of scaleSet: String) -> Bool {
    guard name.hasPrefix(scaleSet + "-"), name.hasSuffix("-listener") else { return false }
    let hash = name.dropFirst(scaleSet.count + 1).dropLast("-listener".count)
    return !hash.isEmpty && !hash.contains("-")
  }

  /// `SET-xxxxx-runner-xxxxx` in ARC up to 0.14, `SET-runner-xxxxx` in later versions.
  private static func isRunner(_ name: String, of scaleSet: String) -> Bool {
    guard name.hasPrefix(scaleSet + "-") else { return false }
    let rest = name.dropFirst(scaleSet.count + 1).split(separator: "-")
    return (rest.count == 3 && rest[1] == "runner") || (rest.count == 2 && rest[0] == "runner")
  }
}
