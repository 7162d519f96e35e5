import Synchronization

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// A list that any thread can append to.
final class LockedEvents: Sendable {
  private let list = Lock<[PlanEvent]>([])
  var all: [PlanEvent] { list.withLock { $0 } }
  func append(_ event: PlanEvent) { list.withLock { $0.append(event) } }
}

extension PlanEvent {
  /// Whether a step reported progress with this text.
  func saysProgress(_ words: String) -> Bool {
    guard case .progress(_, let progress) = self else { return false }
    return progress.words.contains(words)
  }
}
