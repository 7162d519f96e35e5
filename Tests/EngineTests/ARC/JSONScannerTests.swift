import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

@Suite struct JSONScannerTests {
  private func strings(_ text: String) throws -> [String: String?] {
    try JSONScanner.scan(Array(text.utf8)) { scanner in
      var found: [String: String?] = [:]
      scanner.object { key, value in found[key.text] = value.string() }
      return found
    }
  }

  @Test func `what is wanted is read, the rest is passed over`() throws {
    let text = #" { "a" : "x" , "b":{"a":[1,{"c":"}]\"\\"}],"d":null},"e":"\u00e9\n\"\ud83d\ude00\\","f":12 , "g":""}"#
    #expect(try strings(text) == ["a": "x", "b": nil, "e": "é\n\"😀\\", "f": nil, "g": ""])
  }

  @Test func `values of another kind than asked for are nil`() throws {
    try JSONScanner.scan(Array(#"["x",{},[],true,null,-12,1.5,"2026-11-24T12:00:05Z"]"#.utf8)) { scanner in
      var ints: [Int?] = []
      scanner.array { ints.append($0.int()) }
      #expect(ints == [nil, nil, nil, nil, nil, -12, nil, nil])
    }
    try JSONScanner.scan(Array(#"["x",{"a":{"b":1},"c":2},[],true,false]"#.utf8)) { scanner in
      var (bools, counts): ([Bool?], [Int]) = ([], [])
      scanner.fork { $0.array { bools.append($0.bool()) } }
      scanner.array { counts.append($0.count()) }
      #expect(bools == [nil, nil, nil, true, false])
      #expect(counts == [0, 2, 0, 0, 0])
    }
  }

  @Test(arguments: ["", "{", "{\"a\"", "{\"a\":", "{\"a\":\"x", "{\"a\":1,", "{\"a\" 1}", "{a:1}", "[1", "{\"a\":[}"])
  func `text that ends too early or is no JSON is an error`(text: String) {
    #expect(throws: JSONParseError.self) {
      try JSONScanner.scan(Array(text.utf8)) { scanner in scanner.object { _, _ in } }
    }
  }

  @Test func `depth costs nothing`() throws {
    let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    let found = try strings("{\"a\":\(deep),\"b\":\"x\"}")
    #expect(found["b"] == "x")
  }

  /// For any input it terminates and reads nothing outside of it; for valid JSON it finds the same values as a parser.
  @Test(arguments: 1...8) func `damaged objects never trap`(seed: Int) throws {
    var dice = SeededDice(seed: UInt64(seed))
    let pods = try fixture("observation/get-pods.json")
    for _ in 0..<60 {
      var bytes = pods
      for _ in 0..<Int.random(in: 1...20, using: &dice) {
        let at = Int.random(in: 0..<bytes.count, using: &dice)
        bytes[at] = [0x22, 0x5C, 0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A, 0x00, 0xFF, 0x20].randomElement(using: &dice) ?? 0
      }
      if Bool.random(using: &dice) { bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &dice))) }
      _ = try? ScannedList<Pod>(bytes)
      _ = try? ScannedList<EphemeralRunner>(bytes)
      _ = try? WatchLine<Pod>.event(bytes[...])
    }
  }

  @Test func `pods are read as a tree would read them`() throws {
    let bytes = try fixture("observation/get-pods.json")
    let tree = try #require(JSONValue(parsing: bytes)["items"]?.arrayValue)
    let pods = try ScannedList<Pod>(bytes).items
    #expect(pods.count == tree.count)
    for (pod, object) in zip(pods, tree) {
      #expect(pod.metadata.name == object["metadata"]?["name"]?.stringValue)
      #expect(pod.metadata.scaleSet == object["metadata"]?["labels"]?["actions.github.com/scale-set-name"]?.stringValue)
      #expect(pod.phase == object["status"]?["phase"]?.stringValue)
      #expect(pod.node == object["spec"]?["nodeName"]?.stringValue)
      let statuses = object["status"]?["containerStatuses"]?.arrayValue ?? []
      #expect(pod.containers.filter { !$0.isInit }.map(\.name) == statuses.compactMap { $0["name"]?.stringValue })
      #expect(pod.containers.filter { !$0.isInit }.map(\.image) == statuses.compactMap { $0["image"]?.stringValue })
    }
  }
}
