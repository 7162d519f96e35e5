import Basics
import Kubernetes
import Testing

/// Warnings are found by their pod.
@Suite struct KubeEventsTests {
  private func events(_ told: [(type: String, object: String, reason: String, message: String)]) throws -> KubeEvents {
    let items = told.enumerated().map { index, event in
      """
      {"metadata":{"uid":"u\(index)"},"type":"\(event.type)","reason":"\(event.reason)","message":"\(event.message)",
       "involvedObject":{"kind":"Pod","name":"\(event.object)"},"count":1,
       "lastTimestamp":"2026-11-26T08:00:\(10 + index)Z"}
      """
    }
    return KubeEvents(
      try ScannedList<KubeEvent>(Array("{\"metadata\":{},\"items\":[\(items.joined(separator: ","))]}".utf8)).items)
  }

  @Test func `the newest warning that is wanted is found for its pod alone`() throws {
    let events = try events([
      ("Warning", "web-x-runner-a", "FailedMount", "first"), ("Warning", "web-x-runner-a", "FailedMount", "second"),
      ("Warning", "web-x-runner-a", "BackOff", "third"), ("Normal", "web-x-runner-a", "FailedMount", "normal"),
      ("Warning", "web-x-runner-b", "FailedMount", "other"),
    ])
    #expect(events.lastWarning(about: "web-x-runner-a") { $0.reason == "FailedMount" }?.message == "second")
    #expect(events.lastWarning(about: "web-x-runner-a") { $0.reason == "Evicted" } == nil)
    #expect(events.lastWarning(about: "web-x-runner") { _ in true } == nil)
  }

  @Test(arguments: ["-workflow", "-step-0f3c"])
  func `what is said of the pods of its job is said of the runner, and not the other way round`(suffix: String) throws {
    let events = try events([("Warning", "web-x-runner-a" + suffix, "FailedMount", "no claim")])
    #expect(events.lastWarning(about: "web-x-runner-a") { _ in true }?.message == "no claim")
    #expect(events.lastWarning(about: "web-x-runner-a" + suffix) { _ in true }?.message == "no claim")
    let own = try self.events([("Warning", "web-x-runner-a", "FailedMount", "no claim")])
    #expect(own.lastWarning(about: "web-x-runner-a" + suffix) { _ in true } == nil)
  }

  @Test func `events of the same second are in the order in which they occurred`() throws {
    func event(_ uid: String, _ name: String, _ second: Int) -> KubeEvent {
      KubeEvent([
        "metadata": ["uid": .string(uid), "name": .string(name)],
        "lastTimestamp": .string("2026-11-26T08:00:1\(second)Z"),
      ])
    }
    let events = [
      event("c", "web-x.17f2abcd00000002", 0), event("d", "web-x.17f2abcd0000000a", 0),
      event("b", "web-x.17f2abcd0000000b", 0), event("a", "web-x.17f2abcd00000001", 1),
    ]
    #expect(events.reversed().sorted(by: KubeEvent.isOlder).map(\.uid) == ["c", "d", "b", "a"])
  }
}
