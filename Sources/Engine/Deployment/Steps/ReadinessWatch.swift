import ARC
import Basics
import Installations
import Tools

/// The state kept between checks of a scale set while a step waits for it to become ready.
struct ReadinessWatch {
  /// How a listener exited.
  struct End: Equatable {
    /// GitHub's status and exception, or the end of its log; nil if it logged nothing.
    var cause: String?
    /// The end of its log.
    var words: String?
    /// The meaning of its log; nil if it logged nothing.
    var failure: ListenerFailure?
    var code: Int?
  }

  /// The Helm release of the awaited scale set.
  let release: String
  /// The namespace of both.
  let namespace: String
  let target: GitHubTarget
  /// The scale set's name, once it was seen.
  var scaleSet: String
  /// Whether an earlier check found the scale set.
  var hasSeenSet = false
  /// Earlier messages of the controller are ignored: a refusal may concern credentials that were replaced since.
  let began = SystemTime.secondsSince1970() - 2
  /// Why no runner is ready, if known.
  var runnerProblem: String?
  /// Why the scale set is not registered, according to the controller's log when last read.
  var registration: (at: ContinuousClock.Instant, sinceBegan: EngineError?, ever: EngineError?)?
  /// The listeners that exited, by uid of their pods.
  private(set) var ends: [String: End] = [:]
  /// How the newest of them exited.
  private(set) var lastEnd: End?
  private let start = ContinuousClock.now
  /// When a pod's session was first seen, by uid of the pod.
  private var sessions: [String: ContinuousClock.Instant] = [:]
  private var since: [String: ContinuousClock.Instant] = [:]

  init(release: String, namespace: String = ClusterTarget.namespace, target: GitHubTarget) {
    (self.release, self.namespace) = (release, namespace)
    self.target = target
    scaleSet = release
  }

  /// How long the step has been waiting.
  var waited: Duration { start.duration(to: .now) }

  /// How long a condition has lasted, since this was first called for it.
  mutating func lasting(_ what: String) -> Duration {
    let first = since[what] ?? .now
    since[what] = first
    return first.duration(to: .now)
  }

  /// Resets a condition that no longer applies.
  mutating func forget(_ what: String) { since[what] = nil }

  /// Records what a listener's pod logged.
  mutating func note(_ session: ListenerSession, of pod: ListenerPodFacts) {
    guard session.lastWords != nil || pod.exitCode.map({ $0 != 0 }) == true else { return }
    let end = End(
      cause: session.cause, words: session.lastWords, failure: session.end?.failure, code: pod.exitCode)
    if ends.isEmpty { _ = lasting("ends") }
    ends[pod.uid.isEmpty ? pod.name : pod.uid] = end
    lastEnd = end
  }

  /// How long a listener has had its session; nil without one. Based on its log, or else on when the session was first
  /// seen.
  mutating func age(_ session: ListenerSession, of pod: ListenerPodFacts) -> Duration? {
    guard let written = session.since, session.lastWords == nil else { return nil }
    let first = sessions[pod.uid] ?? .now
    sessions[pod.uid] = first
    let seen = first.duration(to: .now)
    // Subtract a second for times that are truncated to seconds.
    return written == 0 ? seen : max(seen, .seconds(SystemTime.secondsSince1970() - written - 1))
  }

  /// What is awaited, as text.
  func words(_ awaited: Readiness.Awaited) -> String {
    let listener = "the listener of \(scaleSet)"
    let trouble = lastEnd.map { "; \(Self.count(ends.count))" + ($0.cause.map { ": \($0)" } ?? "") } ?? ""
    return switch awaited {
    case .scaleSet: "waiting for the scale set \(release)"
    case .otherURL(let url): "waiting for \(release) to change its URL, which is \(SafeText.line(url))"
    case .registration: "waiting for GitHub to register \(release)"
    case .controller(let phase):
      "waiting for the controller to start \(release)" + (phase.isEmpty ? "" : " (phase \(SafeText.line(phase)))")
    case .listener: "waiting for \(listener)\(trouble)"
    case .listenerStart(let reason):
      "waiting for \(listener) to start" + (reason.map { " (\(SafeText.line($0)))" } ?? "") + trouble
    case .session: "waiting for \(listener) to get its session\(trouble)"
    case .cycle: "waiting for \(listener) to keep its session"
    case .runner: "waiting for a runner of \(release) to be ready" + (runnerProblem.map { " (\($0))" } ?? "")
    }
  }

  /// The number of times that a listener exited, as text.
  private static func count(_ ends: Int) -> String {
    switch ends {
    case 1: "one exited"
    case 2: "it exited twice"
    default: "it keeps exiting"
    }
  }
}
