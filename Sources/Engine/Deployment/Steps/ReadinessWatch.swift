import ARC
import Basics
import Installations
import Tools

/// What is remembered from one look at a scale set to the next, while a step waits for it to become ready.
struct ReadinessWatch {
  /// How a listener ended.
  struct End: Equatable {
    /// GitHub's status and exception, or the end of its last words; nil when it left none.
    var cause: String?
    /// Its last words.
    var words: String?
    /// What these mean; nil when it left none.
    var failure: ListenerFailure?
    var code: Int?
  }

  /// The Helm release whose scale set is waited for.
  let release: String
  /// The namespace of both.
  let namespace: String
  let target: GitHubTarget
  /// The name of its scale set, once that was seen.
  var scaleSet: String
  /// Whether the scale set existed in an earlier look.
  var hasSeenSet = false
  /// What the controller said before is not looked at: a refusal may be that of credentials that were replaced since.
  let began = SystemTime.secondsSince1970() - 2
  /// Why no runner is ready, where that is known.
  var runnerProblem: String?
  /// Why the scale set is not registered, as the controller's log said when it was read last.
  var registration: (at: ContinuousClock.Instant, sinceBegan: EngineError?, ever: EngineError?)?
  /// The listeners that ended, by the uid of their pods.
  private(set) var ends: [String: End] = [:]
  /// How the newest of them ended.
  private(set) var lastEnd: End?
  private let start = ContinuousClock.now
  /// When a pod's session was first seen, by the pod's uid.
  private var sessions: [String: ContinuousClock.Instant] = [:]
  private var since: [String: ContinuousClock.Instant] = [:]

  init(release: String, namespace: String = ClusterTarget.namespace, target: GitHubTarget) {
    (self.release, self.namespace) = (release, namespace)
    self.target = target
    scaleSet = release
  }

  /// For how long has been waited.
  var waited: Duration { start.duration(to: .now) }

  /// For how long something has lasted, from the first time it is asked for.
  mutating func lasting(_ what: String) -> Duration {
    let first = since[what] ?? .now
    since[what] = first
    return first.duration(to: .now)
  }

  /// What does not last any more.
  mutating func forget(_ what: String) { since[what] = nil }

  /// Takes in what a listener's pod said.
  mutating func note(_ session: ListenerSession, of pod: ListenerPodFacts) {
    guard session.lastWords != nil || pod.exitCode.map({ $0 != 0 }) == true else { return }
    let end = End(
      cause: session.cause, words: session.lastWords, failure: session.end?.failure, code: pod.exitCode)
    if ends.isEmpty { _ = lasting("ends") }
    ends[pod.uid.isEmpty ? pod.name : pod.uid] = end
    lastEnd = end
  }

  /// For how long a listener has had its session; nil when it has none. Its log tells, or else how long it has been seen.
  mutating func age(_ session: ListenerSession, of pod: ListenerPodFacts) -> Duration? {
    guard let written = session.since, session.lastWords == nil else { return nil }
    let first = sessions[pod.uid] ?? .now
    sessions[pod.uid] = first
    let seen = first.duration(to: .now)
    // A second is lost where times are cut to whole ones.
    return written == 0 ? seen : max(seen, .seconds(SystemTime.secondsSince1970() - written - 1))
  }

  /// What is waited for, in words.
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

  /// How often a listener exited; what it does so often, it keeps doing.
  private static func count(_ ends: Int) -> String {
    switch ends {
    case 1: "one exited"
    case 2: "it exited twice"
    default: "it keeps exiting"
    }
  }
}
