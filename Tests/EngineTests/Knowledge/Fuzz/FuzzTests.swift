import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

@Suite struct FuzzTests {
  @Test(arguments: EngineFuzzCases.all.map(\.name))
  func `nothing that comes from outside traps`(name: String) throws {
    let readers = EngineFuzzCases.all.filter { $0.name == name }
    let reader = try #require(readers.count == 1 ? readers.first : nil)
    var changes = FuzzChanges(seed: 7)
    for sample in reader.samples { reader.read(Array(sample.utf8)) }
    for round in 0..<Rounds.count(200, soak: 10_000) {
      reader.read(changes.change(Array(reader.samples[round % reader.samples.count].utf8)))
    }
  }

  @Test(arguments: ["cluster", "events", "watch", "listener-log", "controller-log", "tool-answers"])
  func `neither do what servers and tools really said`(name: String) throws {
    let files: [String: [String]] = [
      "cluster": [
        "observation/get-pods.json", "observation/get-ephemeralrunners.json", "observation/get-deployments.json",
      ],
      "events": ["observation/get-events.json"], "watch": ["observation/get-autoscalingrunnersets.json"],
      "listener-log": ["observation/logs-listener.txt"], "controller-log": ["observation/logs-controller.txt"],
      "tool-answers": ["tools/docker-inspect-node.json", "tools/helm-list.json"],
    ]
    let reader = try #require(EngineFuzzCases.all.first { $0.name == name })
    var changes = FuzzChanges(seed: 11)
    for file in files[name] ?? [] {
      let bytes = try fixture(file)
      reader.read(bytes)
      for _ in 0..<Rounds.count(5, soak: 100) { reader.read(changes.change(Array(bytes.suffix(20_000)))) }
      for _ in 0..<Rounds.count(3, soak: 50) { reader.read(changes.change(bytes)) }
    }
  }
}
