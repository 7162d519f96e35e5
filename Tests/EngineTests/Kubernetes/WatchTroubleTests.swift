import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import Kubernetes
@testable import Tools

/// Watches that end, expire, send garbage or become silent.
@Suite(.timeLimit(.minutes(20))) struct WatchTroubleTests {
  private static func added(_ name: String, _ version: Int) -> String {
    #"{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"#
  }
  private static func listEnd(_ version: Int) -> String {
    #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"\#(version)","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
  }
  private static let expired = #"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#

  /// A cluster with scripted responses to watches; the last one is repeated.
  private final class Watches: KubernetesAPI {
    enum Answer: Sendable {
      case lines([String])
      case linesThenSilence([String])
    }
    private let answers: Lock<[Answer]>
    /// The events of the short watch that looks for missed ones.
    let missed = Lock<[String]>([])
    let asked = Lock<[String]>([])
    /// The file that selects the cluster; nil if it cannot change.
    private let kubeconfig: String?
    /// Called at the end of a response with lines.
    private let afterLines: @Sendable () -> Void
    var access: FileStamp? { kubeconfig.map { FileStamp(of: [$0]) } }

    init(_ answers: [Answer], kubeconfig: String? = nil, afterLines: @escaping @Sendable () -> Void = {}) {
      self.answers = Lock(answers)
      (self.kubeconfig, self.afterLines) = (kubeconfig, afterLines)
    }

    func get(_ path: String, timeout: Duration) async throws -> [UInt8] { Array("ok".utf8) }

    func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
      asked.withLock { $0.append(path) }
      if path.contains("timeoutSeconds=1&") {
        for line in missed.withLock({ $0 }) { try await onLines([ArraySlice(Array(line.utf8))]) }
        return
      }
      let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      switch answer {
      case .lines(let lines):
        for line in lines { try await onLines([ArraySlice(Array(line.utf8))]) }
        afterLines()
      case .linesThenSilence(let lines):
        for line in lines { try await onLines([ArraySlice(Array(line.utf8))]) }
        try await Task.sleep(for: .seconds(3600))
      }
    }
  }

  private final class Heard: Sendable {
    let reports = Lock<[WatchReport]>([])
    let events = Lock<[String]>([])
    var troubles: [WatchTrouble] {
      reports.withLock { $0.compactMap { if case .trouble(let trouble) = $0 { trouble } else { nil } } }
    }
  }

  /// Watches until the condition is true.
  private func watch(
    _ api: Watches, _ patience: WatchPatience = .none, until isEnough: @Sendable (Heard) -> Bool
  ) async throws -> Heard {
    let heard = Heard()
    let task = Task {
      var stream = WatchStream<Pod>(api: api, path: "/api/v1/pods")
      stream.patience = patience
      try await stream.run { report in
        heard.reports.withLock { $0.append(report) }
      } _: { events in
        for event in events {
          switch event {
          case .put(let pod): heard.events.withLock { $0.append(pod.metadata.name) }
          case .listBegins: heard.events.withLock { $0.append("list") }
          default: break
          }
        }
      }
    }
    while !isEnough(heard) { try await Task.sleep(for: .milliseconds(2)) }
    task.cancel()
    _ = await task.result
    return heard
  }

  @Test func `a watch that ends at once is told, with a wait that grows`() async throws {
    var patience = WatchPatience.none
    patience.wait = (.milliseconds(4), .seconds(30))
    let heard = try await watch(Watches([.lines([])]), patience) { $0.troubles.count >= 3 }
    #expect(heard.troubles.allSatisfy { $0.cause == .endsEarly && $0.resource == "pods" })
  }

  @Test func `the wait doubles up to its limit, and begins again after what was useful`() {
    var backoff = Backoff()
    let waits = (0..<8).map { _ in backoff.next() }
    for (wait, due) in zip(waits, [1, 2, 4, 8, 16, 30, 30, 30]) {
      #expect(wait >= .seconds(due) / 2 && wait <= .seconds(due))
    }
    #expect(backoff.next(after: .seconds(31)) <= .seconds(1))
    #expect(backoff.next(after: .seconds(29)) > .seconds(0.99))
  }

  @Test func `a version that keeps expiring is listed anew each time, and told`() async throws {
    let api = Watches([.lines([Self.added("a", 1), Self.listEnd(2), Self.expired])])
    let heard = try await watch(api) { $0.troubles.count >= 2 }
    #expect(heard.troubles.allSatisfy { $0.cause == .expires })
    #expect(api.asked.withLock { $0.allSatisfy { $0.contains("sendInitialEvents") } })
  }

  @Test func `text that is not JSON is shown, made safe`() async throws {
    let heard = try await watch(Watches([.lines(["<html>\u{1B}[31mSign in</html>", "x"])])) { !$0.troubles.isEmpty }
    #expect(heard.troubles.first?.cause == .notJSON(line: "<html>Sign in</html>"))
    #expect(heard.troubles.first?.sentence.contains("<html>Sign in</html>") == true)
  }

  @Test func `a stream that was cut is taken up at its version, without a list`() async throws {
    let api = Watches([
      .lines([Self.added("a", 1), Self.listEnd(7), Self.added("b", 9)]), .linesThenSilence([Self.added("c", 10)]),
    ])
    let heard = try await watch(api) { heard in heard.events.withLock { $0.contains("c") } }
    #expect(heard.events.withLock { $0 } == ["list", "a", "b", "c"])
    #expect(api.asked.withLock { $0.last }?.contains("&resourceVersion=9") == true)
  }

  @Test func `a stream that was cut while the kubeconfig changed begins with a list`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("one", to: "kubeconfig")
    let answers: [Watches.Answer] = [
      .lines([Self.added("a", 1), Self.listEnd(7), Self.added("b", 9)]),
      .linesThenSilence([Self.added("c", 3), Self.listEnd(4)]),
    ]
    // The context points to another cluster by the time the stream is interrupted.
    let api = Watches(answers, kubeconfig: file) { _ = try? folder.write("another", to: "kubeconfig") }
    let heard = try await watch(api) { heard in heard.events.withLock { $0.contains("c") } }
    #expect(heard.events.withLock { $0 } == ["list", "a", "b", "list", "c"])
    #expect(api.asked.withLock { $0.allSatisfy { !$0.contains("&resourceVersion=9") } })
  }

  private static var impatient: WatchPatience {
    var patience = WatchPatience.none
    (patience.silence, patience.lag, patience.useful) = (.milliseconds(20), .milliseconds(20), .milliseconds(1))
    return patience
  }

  @Test func `a stream that tells nothing of what happened is started again where it stopped`() async throws {
    let api = Watches([
      .linesThenSilence([Self.added("a", 1), Self.listEnd(7)]), .linesThenSilence([Self.added("b", 8)]),
    ])
    api.missed.withLock { $0 = [Self.added("b", 8)] }
    let heard = try await watch(api, Self.impatient) { heard in heard.events.withLock { $0.contains("b") } }
    #expect(heard.troubles.first?.cause == .stalled)
    // On a busy computer it may have become silent once more by now.
    #expect(heard.events.withLock { $0.prefix(3) } == ["list", "a", "b"])
  }

  @Test func `a server that sends no bookmarks and in which nothing happens raises no alarm`() async throws {
    let api = Watches([.linesThenSilence([Self.added("a", 1), Self.listEnd(7)])])
    let heard = try await watch(api, Self.impatient) { _ in
      api.asked.withLock { $0.count { $0.contains("timeoutSeconds=1&") } } >= 4
    }
    #expect(heard.troubles.isEmpty)
    #expect(heard.events.withLock { $0 } == ["list", "a"])
    // Reported as current each time.
    #expect(heard.reports.withLock { $0.count { $0 == .current } } > 4)
  }

  @Test func `a server that sent bookmarks and does not any more is not trusted`() async throws {
    let bookmark = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}}"#
    let api = Watches([
      .linesThenSilence([Self.added("a", 1), Self.listEnd(7), bookmark]), .linesThenSilence([Self.added("b", 13)]),
    ])
    let heard = try await watch(api, Self.impatient) { heard in heard.events.withLock { $0.contains("b") } }
    #expect(heard.troubles.first?.cause == .stalled)
    let watches = api.asked.withLock { $0.filter { !$0.contains("timeoutSeconds=1&") } }
    #expect(watches.dropFirst().first?.contains("resourceVersion=12") == true, "\(watches)")
  }

  @Test(arguments: [
    (
      #"{"type":"ADDED","object":{"metadata":{"annotations":{"x":"\"resourceVersion\":\"5\""},"resourceVersion":"77"}}}"#,
      "77"
    ),
    (#"{"type":"ADDED","object":{"metadata":{"name":"V"}}}"#, nil), ("", nil),
    (#"{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion" : "12"}}}"#, "12"),
    (#"{"resourceVersion": 12}"#, nil), (#"{"resourceVersion":"not a number"}"#, nil), (#"{"resourceVersion":"1"#, nil),
  ]) func `the version of a line is found`(line: String, version: String?) {
    #expect(WatchLine<Pod>.version(ArraySlice(Array(line.utf8))) == version)
  }
}
