import Basics
import Testing

@testable import ValuesFiles

/// YAML as read by Helm, and errors with their place.
@Suite struct YAMLReaderTests {
  private func json(_ text: String) throws -> JSONValue? { try YAMLReader.read(Array(text.utf8))?.json }

  private func problem(_ text: String) -> YAMLProblem? {
    do throws(YAMLProblem) { _ = try YAMLReader.read(Array(text.utf8)) } catch { return error }
    return nil
  }

  @Test func `scalars have the types that Helm gives them`() throws {
    let text = """
      a: yes
      b: "yes"
      c: 010
      d: 0x1F
      e: 1_000
      f: 1.50
      g: 2024-01-02
      h: ~
      i:
      j: 4Gi
      k: 10.0.0.1
      l: !!str 7
      m: -3
      nn: .5
      o: 1e3
      p: 'on'
      q: off
      r: 08
      s: +7
      t: 0o17
      """
    #expect(
      try json(text) == [
        "a": true, "b": "yes", "c": 8, "d": 31, "e": 1000, "f": .double(1.5), "g": "2024-01-02", "h": .null, "i": .null,
        "j": "4Gi", "k": "10.0.0.1", "l": "7", "m": -3, "nn": .double(0.5), "o": .double(1000), "p": "on", "q": false,
        "r": .double(8), "s": 7, "t": 15,
      ])
  }

  @Test func `block, flow and JSON are the same`() throws {
    let wanted: JSONValue = ["a": ["b": [1, 2, ["c": "d e"]]]]
    #expect(try json("a:\n  b:\n  - 1\n  - 2\n  - c: d e\n") == wanted)
    #expect(try json("a: {b: [1, 2, {c: d e}]}") == wanted)
    #expect(try json(#"{"a":{"b":[1,2,{"c":"d e"}]}}"#) == wanted)
    #expect(try json("a:\r\n  b:\r\n  - 1\r\n  - 2\r\n  - c: d e\r\n") == wanted)
    #expect(try json("\u{FEFF}a: {b: [1, 2, {c: d e}]}") == wanted)
  }

  @Test func `texts of several lines`() throws {
    #expect(try json("a: |\n  one\n  two\nb: >-\n  one\n  two\n") == ["a": "one\ntwo\n", "b": "one two"])
  }

  @Test func `anchors, aliases and merge keys`() throws {
    let text = """
      x-common: &common {cpu: 1, memory: 2Gi}
      small: *common
      large:
        <<: *common
        cpu: 4
      both:
        <<: [{a: 1, b: 1}, {b: 2, c: 2}]
      """
    let value = try #require(try json(text))
    #expect(value["small"] == ["cpu": 1, "memory": "2Gi"])
    #expect(value["large"] == ["cpu": 4, "memory": "2Gi"])
    #expect(value["both"] == ["a": 1, "b": 1, "c": 2])
  }

  @Test func `what is refused is named with its line and column`() {
    #expect(problem("a: 1\nb: *name\n")?.mark == YAMLMark(line: 2, column: 4))
    #expect(problem("a: 1\nb: 2\na: 3\n")?.mark == YAMLMark(line: 3, column: 1))
    #expect(problem("a: &x [*x]\n")?.message.contains("inside") == true)
    #expect(problem("a: 1\n---\nb: 2\n")?.mark.line == 2)
    #expect(problem("a: [1, 2\nb: 3\n")?.cause == .syntax)
    #expect(problem("a: b: c\n")?.mark == YAMLMark(line: 1, column: 5))
    #expect(problem("a: !ruby/object:X 1\n")?.cause == .refused)
    #expect(problem("a:\n\tb: 1\n")?.mark.line == 2)
    #expect(problem("a: 1\n---\n") == nil)
    #expect(problem("---\n# nothing\n") == nil)
  }

  @Test func `aliases that stand for too much are refused`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(problem(text)?.message.contains("too large") == true)
    #expect(problem(String(repeating: "[", count: 400))?.mark.line == 1)
  }

  @Test func `nothing is no value`() throws {
    #expect(try YAMLReader.read([]) == nil)
    #expect(try YAMLReader.read(Array("# a comment\n".utf8)) == nil)
  }
}
