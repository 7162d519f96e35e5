import Engine
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

@Suite struct YAMLTests {
  @Test func `the form is the one of kubectl`() {
    let value: JSONValue = [
      "name": "web-ci", "url": "https://github.com/acme/web", "version": "1.36", "empty": [], "none": [:],
      "list": ["a", ["b": 1, "c": [2, 3]], [[4]]], "text": "one\ntwo\n", "yes": true,
    ]
    #expect(
      value.yaml() == """
        name: web-ci
        url: https://github.com/acme/web
        version: "1.36"
        empty: []
        none: {}
        list:
        - a
        - b: 1
          c:
          - 2
          - 3
        -
          -
            - 4
        text: |
          one
          two
        "yes": true

        """)
  }

  static let tricky = [
    "", " ", "~", "yes", "No", "ON", "off", "y", "N", "null", "Null", "TRUE", "false", "1", "-1", "1.0", "1e3", "0x1f",
    "0o17", "017", "1_000", ".inf", "-.INF", ".NaN", "12:30:45", "2026-11-24", "2001-12-14t21:59:43.10-05:00", "<<",
    "=",
    "- a", "-", "--", "---", "...", "? a", "?", ": a", ":", "a: b", "a:", "a :b", "a #b", "#a", "&a", "*a", "!a", "|",
    ">", "'a'", "\"a\"", "%a", "@a", "`a", "{a", "[a", "a]", "a,b", ", a", " a", "a ", "a\tb", "\ta", "a\\b", "a\nb",
    "a\nb\n", "a\nb\n\n", "\na", "\n", "\n\n", " a\nb", "a\n b\n  c", "a\n\n\nb", "a\nb ", "a \nb\n", "a\r\nb", "a\rb",
    "---\na\n", "a\n---\nb\n", "a\n# b\n", "a\u{85}b", "a\u{2028}b\n", "\u{FEFF}a", "a\u{FEFF}\nb", "a\u{7}b\n",
    "\u{0}", "\u{7F}", "\u{9F}", "é日本👍", "é\n日本\n👍", "e\u{301}", "/etc/x", "C:\\x", "ghcr.io/a/b:latest",
    "sha256:0123", "a@b", "key=value", "100%", "merge <<", "x" + String(repeating: " y", count: 200),
    "-----BEGIN KEY-----\nabc==\n-----END KEY-----\n",
  ]

  @Test func `every parser reads back what was written`() throws {
    guard let python = DeskrunBinary.find("python3"),
      try DeskrunBinary.tool(python, ["-c", "import yaml"]).status == 0
    else {
      print("python3 with its yaml module is not installed: YAML was not read back by another program")
      return
    }
    var members: [(String, JSONValue)] = [
      ("doubles", [.double(1.5), .double(1e20), .double(.leastNonzeroMagnitude), .double(-2), .double(0.1)]),
      ("ints", [.int(0), .int(-7), .int(.max)]), ("others", [true, false, .null, [], [:], [[]], [[:]]]),
      ("texts", .array(Self.tricky.map(JSONValue.string))),
      ("nested", [["texts": .array(Self.tricky.map { ["text": .string($0), "after": "x"] })]]),
    ]
    for (at, text) in Self.tricky.enumerated() { members.append((text, .int(at))) }
    var seen: Set<String> = []
    // Keys that are canonically equal in Swift are the same key of the object.
    let document = JSONValue.object(JSONObject(members.filter { seen.insert($0.0).inserted }))
    let read = try DeskrunBinary.tool(
      python,
      ["-c", "import sys,json,yaml; print(json.dumps(yaml.safe_load(open(0, encoding='utf-8', newline='').read())))"],
      input: document.yaml())
    #expect(read.status == 0, "\(read.errors)")
    let back = try JSONValue(parsing: read.output)
    for (key, value) in document.objectValue?.members ?? [] {
      #expect(back[key]?.encoded() == value.encoded(), "key \(key.debugDescription)")
    }
    #expect(back.objectValue?.count == document.objectValue?.count)
  }

  @Test(arguments: tricky) func `a text alone is a document`(text: String) {
    let yaml = JSONValue.string(text).yaml()
    #expect(yaml.hasSuffix("\n"))
    // Characters that are not permitted in YAML are escaped.
    #expect(yaml.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
  }
}
