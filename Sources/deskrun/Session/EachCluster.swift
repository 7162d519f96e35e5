import ArgumentParser
import CommandOutput
import Engine

extension Session {
  /// How long to wait for a cluster before continuing with the others.
  private static let patience: Duration = .seconds(2)

  private enum News: Sendable {
    /// The cluster at an index responds, or the error if it does not.
    case asked(Int, EngineError?)
    case late
  }

  /// Runs the body on several clusters, one after another. All are contacted concurrently first, so that one that does
  /// not respond does not delay the others. Errors are printed.
  ///
  /// - Throws: a single error itself, or the worst `ExitCode` of several; `CancellationError` and rejected requests at
  ///   once.
  package static func each(_ sessions: [Session], _ body: (Session) async throws -> Void) async throws {
    guard sessions.count > 1, let first = sessions.first else {
      for session in sessions { try await body(session) }
      return
    }
    var failures: [(session: Session, error: EngineError)] = []
    var statuses: [ExitStatus] = []
    func run(_ session: Session) async throws {
      do { try await body(session) } catch let error as EngineError where error.kind != .interrupted {
        session.console.tell(ErrorReport.text(error, style: session.console.errorStyle))
        statuses.append(ExitStatus(error.kind))
      }
    }
    try await withThrowingTaskGroup(of: News.self) { group in
      for (index, session) in sessions.enumerated() {
        group.addTask { .asked(index, try await session.deployer.silence()) }
      }
      group.addTask {
        try await Task.sleep(for: patience)
        return .late
      }
      defer { group.cancelAll() }
      var open = Set(sessions.indices)
      var living: [Int] = []
      func take(_ news: News) {
        guard case .asked(let index, let error) = news else { return }
        open.remove(index)
        if let error { failures.append((sessions[index], error)) } else { living.append(index) }
      }
      try await first.waiting(for: "asking the clusters") {
        while !open.isEmpty, let news = try await group.next() {
          if case .late = news { break }
          take(news)
        }
      }
      for index in living.sorted() { try await run(sessions[index]) }
      while !open.isEmpty, let next = open.min() {
        living = []
        let news = try await first.waiting(for: "waiting for \(sessions[next].label) to answer") {
          try await group.next()
        }
        guard let news else { break }
        take(news)
        for index in living { try await run(sessions[index]) }
      }
    }
    for (session, error) in failures {
      session.console.tell(ErrorReport.text(error, style: session.console.errorStyle))
      statuses.append(ExitStatus(error.kind))
    }
    if let status = ExitStatus.worst(statuses) { throw ExitCode(status.rawValue) }
  }
}
