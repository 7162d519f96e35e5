import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Tools

/// Two contexts of one name in two kubeconfig files: jobs of one cluster are not those of the other.
@Suite struct RecordedPlaceTests {
  private static let standard = ClusterPlace(context: "lab")
  private static let a = ClusterPlace(context: "lab", kubeconfig: "/home/me/a.yaml")
  private static let b = ClusterPlace(context: "lab", kubeconfig: "/home/me/b.yaml")
  private static let prod = ClusterPlace(context: "prod")

  private static func record(
    _ runner: String, _ place: ClusterPlace?, _ result: JobResult = .succeeded, set: String = "web"
  ) -> JobRecord {
    var record = JobRecord(
      runner: runner, scaleSet: set, job: Job(), started: 1000, finished: result == .running ? nil : 1100,
      result: result)
    record.place = place
    return record
  }

  private func history(_ records: [JobRecord], _ body: (JobHistory) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let history = JobHistory(path: folder.path + "/history.jsonl")
    try history.append(records)
    try body(history)
  }

  private func runners(_ history: JobHistory, _ query: JobQuery) -> Set<String> {
    let selection = history.select(query, now: 2000) { _ in 0 }
    #expect(selection.count == selection.newest.count)
    return Set(selection.newest.map(\.runner))
  }

  /// The jobs of a cluster.
  private func runners(_ history: JobHistory, on place: ClusterPlace, of known: Set<ClusterPlace>) -> Set<String> {
    var query = JobQuery()
    (query.places, query.knownPlaces) = ([place], known.union([place]))
    return runners(history, query)
  }

  // MARK: The file

  @Test func `a line has the kubeconfig of a cluster with its own, and is otherwise that of earlier versions`() throws {
    for (place, end) in [
      (Self.a, #","context":"lab","kubeconfig":"/home/me/a.yaml"}"#), (Self.standard, #","context":"lab"}"#),
    ] {
      let record = Self.record("r", place)
      #expect(record.line.hasSuffix(end + "\n"), "\(record.line)")
      #expect(try JSONScanner.scan(Array(record.line.utf8.dropLast())[...]) { JobRecord(&$0) } == record)
    }
  }

  @Test func `jobs are selected by context and kubeconfig`() throws {
    let records = [("s", Self.standard), ("a", Self.a), ("b", Self.b), ("p", Self.prod)].map { Self.record($0, $1) }
    try history(records) { history in
      #expect(Set(history.load().map(\.place)) == [Self.standard, Self.a, Self.b, Self.prod])
      let known: Set = [Self.standard, Self.a, Self.b, Self.prod]
      for record in records {
        let place = try #require(record.place)
        #expect(runners(history, on: place, of: known) == [record.runner])
      }
      var query = JobQuery()
      (query.knownPlaces, query.otherPlaces) = (known, [Self.a])
      #expect(runners(history, query) == ["s", "b", "p"])
    }
  }

  // MARK: Lines of earlier versions

  @Test func `a line without a kubeconfig stays with the only cluster whose context has the name`() throws {
    try history([Self.record("old", Self.standard), Self.record("older", nil)]) { history in
      #expect(runners(history, on: Self.a, of: [Self.a, Self.prod]) == ["old", "older"])
      #expect(runners(history, on: Self.prod, of: [Self.a, Self.prod]) == ["older"])
      // Where nothing is configured on that cluster either.
      #expect(runners(history, on: Self.a, of: []) == ["old", "older"])
    }
  }

  @Test func `where kubectl's default file has a cluster in use with that context, the line is of that`() throws {
    try history([Self.record("old", Self.standard)]) { history in
      #expect(runners(history, on: Self.standard, of: [Self.standard, Self.a]) == ["old"])
      #expect(runners(history, on: Self.a, of: [Self.standard, Self.a]) == [])
    }
  }

  @Test func `where two files have a cluster in use with that context, the line is of either`() throws {
    try history([Self.record("old", Self.standard)]) { history in
      let known: Set = [Self.a, Self.b, Self.prod]
      for place in [Self.a, Self.b] { #expect(runners(history, on: place, of: known) == ["old"]) }
      #expect(runners(history, on: Self.prod, of: known) == [])
      // It does not vanish from either of two installations of one name.
      var query = JobQuery()
      (query.knownPlaces, query.otherPlaces) = (known, [Self.b])
      #expect(runners(history, query) == ["old"])
    }
  }

  @Test(arguments: [true, false]) func `a job that both versions recorded has the kubeconfig`(isFirst: Bool) throws {
    let records = [Self.record("r", Self.standard, .running), Self.record("r", Self.a)]
    try history(isFirst ? records : records.reversed()) { history in
      #expect(history.load().map(\.place) == [Self.a])
      #expect(runners(history, on: Self.a, of: [Self.standard, Self.a]) == ["r"])
      #expect(runners(history, on: Self.standard, of: [Self.standard, Self.a]) == [])
    }
  }

  // MARK: The knowledge of a cluster

  private func configuration(_ places: [(String, ClusterPlace)]) throws -> Configuration {
    var configuration = Configuration()
    for (name, place) in places {
      var installation = try Installation(
        name: InstallationName(reference: name), target: GitHubTarget("https://github.com/acme/web"), mode: .dind,
        runners: RunnerCounts(minimum: 0, maximum: 5), authentication: .token(.environment("T")))
      installation.place = place
      configuration.set(installation)
    }
    return configuration
  }

  /// What a cluster knows of jobs that were running when they were recorded, and what it records of them.
  private func learned(
    _ place: ClusterPlace, _ configuration: Configuration
  ) throws -> [String: ClusterPlace?] {
    var known = ClusterKnowledge(place: place)
    let target = ClusterTarget.existing(context: place.context, kubeconfig: place.kubeconfig)
    known.take(.configuration(.success(configuration.on(target))), at: 2000)
    let records = [("s", Self.standard), ("a", Self.a), ("b", Self.b)].map { Self.record($0, $1, .running) }
    known.take(.history(records), at: 2000)
    let snapshot = Snapshot(takenAt: 2000, controller: nil, scaleSets: [], runners: [], pods: [])
    let news = known.take(
      .observed(ClusterObservation(cluster: .ready(version: "v1"), snapshot: snapshot, heardAt: 2000)), at: 2000)
    return Dictionary(uniqueKeysWithValues: news.jobs.map { ($0.runner, $0.place) })
  }

  @Test func `a cluster ends and records its own jobs alone`() throws {
    let both = try configuration([("web", Self.a), ("api", Self.b)])
    #expect(try learned(Self.b, configuration([("web", Self.standard), ("api", Self.b)])) == ["b": Self.b])
    #expect(try learned(Self.standard, both) == ["s": Self.standard])
    // One of an earlier version may be its own, and is recorded so.
    #expect(try learned(Self.a, configuration([("web", Self.a)])) == ["s": Self.a, "a": Self.a])
  }

  @Test func `installations of one name on contexts of one name are told apart`() throws {
    var configuration = try configuration([("web", Self.a), ("web@lab", Self.b), ("api", Self.prod)])
    #expect(configuration.places == [Self.a, Self.b, Self.prod])
    #expect(configuration.placesOfOthers(named: "web") == [Self.b])
    #expect(configuration.placesOfOthers(named: "web@lab") == [Self.a])
    #expect(configuration.placesOfOthers(named: "api") == [])
    configuration = Configuration()
    #expect(configuration.places == [])
  }

  @Test func `ends of listeners are those of their cluster`() throws {
    let folder = try TemporaryFolder()
    let file = ListenerEndsFile(path: folder.path + "/listener-ends.json")
    for (number, place) in [Self.standard, Self.a, Self.b].enumerated() {
      try file.add(["web": [.init(at: 1000, pod: "\(number)", code: 1)]], in: place, now: 1000)
    }
    for (number, place) in [Self.standard, Self.a, Self.b].enumerated() {
      #expect(file.read(place, now: 1001)["web"]?.map(\.pod) == ["\(number)"])
    }
  }
}
