import TestSupport
import Testing

@testable import Basics

/// Objects of any size keep their order, and are compared without it.
@Suite struct JSONObjectTests {
  @Test func `a later member of a key replaces an earlier one in its place`() {
    for size in [3, 40] {
      let members = (0..<size).map { ("k\($0)", JSONValue.int($0)) }
      let object = JSONObject(members + [("k1", "new"), ("last", 0), ("k1", "newest")])
      #expect(object.keys == members.map(\.0) + ["last"])
      #expect(object["k1"] == "newest")
    }
  }

  /// A dictionary of the members is the reference.
  @Test(arguments: 1...40) func `objects are equal when their members are`(seed: Int) {
    var dice = SeededDice(seed: UInt64(seed))
    let size = Int.random(in: 0...60, using: &dice)
    let members = (0..<size).map { _ in
      ("k\(Int.random(in: 0..<40, using: &dice))", JSONValue.int(Int.random(in: 0..<3, using: &dice)))
    }
    let object = JSONObject(members)
    let dictionary = Dictionary(members, uniquingKeysWith: { $1 })
    let built = Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, $0.value) })
    #expect(built == dictionary)
    #expect(object == JSONObject(object.members.shuffled(using: &dice).map { ($0.key, $0.value) }))
    guard let some = object.members.randomElement(using: &dice) else { return }
    var other = object
    other[some.key] = "different"
    #expect(other != object)
    other[some.key] = nil
    #expect(other != object)
    other["another"] = some.value
    #expect(other.count == object.count)
    #expect(other != object)
    #expect(JSONObject(other.members.shuffled(using: &dice).map { ($0.key, $0.value) }) != object)
  }

  @Test func `many members are built and compared`() {
    let members = (0..<100_000).map { ("example.com/key-\($0)", JSONValue.int($0)) }
    let object = JSONObject(members)
    #expect(object.count == members.count)
    #expect(object == JSONObject(members.reversed()))
  }
}
