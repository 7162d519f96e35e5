import ARC
import Basics
import TestSupport
import Testing

@testable import ValuesFiles

/// Properties of all files, tested with generated files that are the same in each run.
@Suite struct MergePropertyTests {
  private static let seeds = Rounds.some(30, of: Array(1...150))

  /// A file with keys of pods, containers and the chart.
  private func file(_ dice: inout SeededDice) -> JSONValue {
    func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &dice)] }
    func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &dice) == 0 }
    func scalar() -> JSONValue {
      pick([.string("a"), .string("yes"), .int(3), .bool(true), .null, .string("x: y # z")])
    }
    func container(_ name: String) -> JSONValue {
      var object: JSONObject = ["name": .string(name)]
      if chance(2) { object["image"] = .string(pick(["busybox", "example.com/r:1"])) }
      if chance(2) { object["command"] = pick([.array(["sh"]), .null, .array(["/home/runner/run.sh"])]) }
      if chance(2) {
        object["env"] = .array(
          Set((0..<3).map { _ in pick(["A", "B", "RUNNER_ALLOW_RUNASROOT", "DOCKER_HOST"]) }).sorted().map {
            ["name": .string($0), "value": .string(pick(["1", "", "tcp://x"]))]
          })
      }
      if chance(2) { object["resources"] = ["limits": ["memory": scalar(), "cpu": scalar()]] }
      if chance(2) { object["volumeMounts"] = [["name": "v", "mountPath": .string(pick(["/cargo", "/x"]))]] }
      if chance(3) { object["securityContext"] = ["runAsUser": .int(pick([0, 1001])), "privileged": scalar()] }
      return .object(object)
    }
    var spec = JSONObject()
    if chance(2) {
      spec["containers"] = .array(Set((0..<3).map { _ in pick(["runner", "dind", "side"]) }).sorted().map(container))
    }
    if chance(3) {
      spec["initContainers"] = .array(
        Set((0..<2).map { _ in pick(["dind", "prepare-caches", "x"]) }).sorted().map(container))
    }
    if chance(3) {
      spec["volumes"] = [["name": .string(pick(["work", "dind-sock", "cache-0", "v"])), "emptyDir": [:]]]
    }
    if chance(3) { spec["nodeSelector"] = ["a": scalar(), "b": scalar()] }
    if chance(4) { spec["securityContext"] = ["runAsUser": 0] }
    if chance(4) { spec["tolerations"] = .array([["key": "a"], ["key": scalar()]]) }
    var root: JSONObject = ["template": ["spec": .object(spec), "metadata": pick([.null, ["labels": ["a": "b"]]])]]
    if chance(3) { root["annotations"] = ["a": scalar()] }
    if chance(3) { root["maxRunners"] = .int(pick([5, 9])) }
    if chance(3) { root["githubConfigUrl"] = pick(["https://github.com/acme/web", "https://github.com/other"]) }
    if chance(4) { root["labels"] = ["deskrun/owner": "other", "team": "x"] }
    if chance(4) { root["unknown"] = scalar() }
    return .object(root)
  }

  private func read(_ value: JSONValue, _ name: String = "/v.yaml") throws -> ValuesFile {
    try MergeCase.file(value.yaml(), name)
  }

  private func merged(_ files: [ValuesFile], _ mode: ContainerMode) throws(EngineError) -> MergedValues {
    try MergedValues(
      MergeCase.values(mode), files: files, imported: Set(files.map(\.reference.text)), chartVersion: "0.15.0"
    ) { OwnershipMark.marking($0, installation: "web", owner: "me") }
  }

  @Test(arguments: ContainerMode.allCases) func `merging nothing changes nothing`(mode: ContainerMode) throws {
    var merge = ValuesMerge(SourcedValue(MergeCase.values(mode).json))
    merge.add(try read([:]))
    #expect(merge.value.json == MergeCase.values(mode).json)
    #expect(merge.overrides.isEmpty)
  }

  @Test(arguments: seeds) func `merging values into themselves changes nothing`(seed: Int) throws {
    var dice = SeededDice(seed: UInt64(seed))
    let mode = ContainerMode.allCases[seed % 3]
    let base = try merged([try read(file(&dice))], mode)
    var merge = ValuesMerge(SourcedValue(base.json))
    merge.add(try read(base.json))
    #expect(merge.value.json == base.json)
  }

  @Test(arguments: seeds) func `merging twice is merging once`(seed: Int) throws {
    var dice = SeededDice(seed: UInt64(seed))
    let mode = ContainerMode.allCases[seed % 3]
    let file = try read(file(&dice))
    func values(_ files: [ValuesFile]) throws -> JSONValue {
      // The label depends on the number of files.
      var json = try merged(files, mode).value
      json["labels"]?[OwnershipMark.values] = nil
      return json.json
    }
    #expect(try values([file, file]) == values([file]))
  }

  @Test(arguments: seeds) func `no owned key differs from the installation`(seed: Int) throws {
    var dice = SeededDice(seed: UInt64(seed))
    let mode = ContainerMode.allCases[seed % 3]
    let own = MergeCase.values(mode).json
    let json = try merged([try read(file(&dice)), try read(file(&dice), "/w.yaml")], mode).json
    for key in OwnedKey.allCases { #expect(json[key.rawValue] == own[key.rawValue], "\(key)") }
    #expect(json["labels"]?["deskrun/owner"] == "me")
    #expect(json["labels"]?["deskrun/installation"] == "web")
    let containers = json["template"]?["spec"]?["containers"]?.arrayValue ?? []
    #expect(containers.contains { $0["name"] == "runner" })
    let names = ["containers", "initContainers"].flatMap { list in
      (json["template"]?["spec"]?[list]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }
    // In other modes, a daemon is configured by the file alone.
    let single = mode == .dind ? names : names.filter { $0 != "dind" }
    #expect(Set(single).count == single.count)
  }
}
