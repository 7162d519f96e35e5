import ArgumentParser
import CommandOutput
import Engine

extension Session {
  /// How long a cluster may take to answer what a plan needs to know. kubectl gives up after ten seconds.
  private static let patienceForPlans: Duration = .seconds(12)

  /// Makes the plans of a command that takes several clusters in turn, without running any: what one of them refuses is
  /// told before another is changed.
  ///
  /// - Parameter wayOut: what the command can do all the same, as a sentence.
  /// - Throws: `EngineError` for one refusal, `ExitCode` of the worst for several, which are told.
  package static func refuseBeforehand(_ requests: [(session: Session, request: PlanRequest)], wayOut: String)
    async throws
  {
    guard requests.count > 1, let first = requests.first?.session else { return }
    let patience = patienceForPlans
    var refused: [(index: Int, error: EngineError)] = []
    try await first.waiting(for: "asking the clusters") {
      try await withThrowingTaskGroup(of: (Int, EngineError?).self) { group in
        for (index, (session, request)) in requests.enumerated() {
          group.addTask {
            do {
              let deployer = session.deployer
              let plan = try await TimeLimit.value(patience) { try await deployer.plan(for: request) }
              return (index, plan == nil ? ClusterSummary.late(session.target, patience) : nil)
            } catch let error as EngineError where error.kind != .interrupted {
              return (index, error.naming(session.label))
            }
          }
        }
        for try await case (let index, let error?) in group { refused.append((index, error)) }
      }
    }
    refused.sort { $0.index < $1.index }
    // What is wrong with this computer is the same for all.
    refused = refused.enumerated().filter { at, one in
      !refused[..<at].contains { ($0.error.what, $0.error.why) == (one.error.what, one.error.why) }
    }.map(\.element)
    guard let last = refused.last else { return }
    let nothing = "Nothing was changed on any cluster. \(wayOut)"
    guard refused.count > 1 else {
      var error = requests[last.index].session.completed(last.error)
      error.details.append(first.console.invocation.text(nothing))
      throw error
    }
    for (index, error) in refused {
      let console = requests[index].session.console
      console.tell(ErrorReport.text(error, style: console.errorStyle))
    }
    first.console.tell("\(nothing)")
    if let status = ExitStatus.worst(refused.map { ExitStatus($0.error.kind) }) { throw ExitCode(status.rawValue) }
  }
}

extension EngineError {
  /// The error with its cluster's name, if its text does not have it: refusals of several clusters are shown together.
  /// Missing programs are missing for all of them.
  func naming(_ cluster: String) -> EngineError {
    // As a whole word: contexts can have names of one letter.
    let words = " \(what) ".replacing(/[:;,]/, with: " ")
    guard kind != .toolMissing, !words.contains(" \(cluster) ") else { return self }
    var error = self
    error.what = "\(cluster): \(what)"
    return error
  }
}
