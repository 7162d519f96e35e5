import Foundation
import Testing

/// deskrun's texts are plain English with consistent terms. Each of these phrases was once in a text; phrases that can
/// also be correct ("made by", "goes to the next page") are left to reviewers.
@Suite struct WordsTests {
  /// A phrase to avoid, and its replacement.
  private static let unwanted: [(phrase: String, instead: String)] = [
    ("again and again", "repeatedly, or keeps …ing"), ("anew", "again"), ("mend", "fix"),
    ("so many", "a number, or how many"),
    ("takes? away", "removes"), ("taken away", "removed"), ("taking away", "removing"),
    ("it all away", "removes all of it"),
    ("clearing away", "cleaning up"), ("taking back", "rolling back"), ("putting back", "restoring"),
    ("the begin", "the beginning"), ("whoever", "who is meant"), ("at hand", "available"), ("stands", "is, is set"),
    ("at GitHub", "with GitHub, on GitHub"), ("let it be", "leave it"), ("where it leads", "what it does"),
    ("will do", "is enough"), ("for want of", "because … is missing"), ("by oneself", "on your own"),
    ("by itself", "automatically"), ("by themselves", "automatically"), ("if need be", "if needed"),
    ("(?-i:There (is|are) no)", "No … found"), ("there was none", "not found"),
    ("already, and it is different", "already exists with other settings"),
    ("(cannot|could not|can not) be made", "cannot be created"), ("being made", "being created"),
    ("is made again", "is created again"), ("makes? it again", "creates it again"),
    ("make another one", "creates another"),
    ("never goes?", "is never removed"), ("for ever", "forever, or the limit"), ("when it goes", "deleted with it"),
    ("keep[a-z ]{1,20} from going", "keeps … from being deleted"), ("deleted whole", "deleted completely"),
    ("has no equal", "has no equivalent"), ("nowhere to be found", "cannot be read again"),
    ("half done", "interrupted"),
    ("broken-off", "incomplete"), ("done stays done", "completed steps are kept"), ("last words", "the end of its log"),
    ("turning (it|its [a-z]+) away", "refusing"), ("find what it is for", "the object that is not found"),
    ("said nothing", "printed no message"), ("stopped it then", "what deskrun did, in one clause"),
    ("locked with a passphrase", "encrypted with a passphrase"), ("is not a text", "must be a string"),
    ("is none of", "must be one of"), ("goes up with", "contains `..`"), ("form is right", "well-formed"),
    ("fills the memory", "uses memory"), ("no node takes", "unschedulable"),
    ("or elsewhere", "on another machine"), ("nothing is called that", "no matching command"),
    ("field is right", "fields are valid"), ("not heard of", "unknown"), ("[0-9]+ % ?(:|succ)", "p95, or 95%"),
    ("not well", "what is wrong"), ("say nothing but", "print only"), ("wrong usage", "invalid usage"),
    ("is no terminal", "is not a terminal"), ("is no type of", "is not a type of"), ("all is well", "recovered"),
    ("runners fail:", "runners are failing:"), ("a runner fails:", "a runner is failing:"),
    ("installed, and not running", "installed, but not running"), ("place of the caches", "folder of the caches"),
    ("past (the )?median", "usually …"), ("nothing to do\\. A new", "idle runners"),
    ("goes:", "removes:"), ("gone at GitHub", "no longer registered"),
    ("what is not named stays", "options you leave out"),
  ]

  private static let pattern =
    "(?i)(?<![A-Za-z-])(" + unwanted.map(\.phrase).joined(separator: "|") + ")(?![A-Za-z-])"

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../..").standardizedFileURL

  /// The files below a folder with this ending.
  private static func files(_ folder: String, _ ending: String) throws -> [URL] {
    let all = FileManager.default.enumerator(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    let found = (all?.compactMap { $0 as? URL } ?? []).filter { $0.path.hasSuffix(ending) }
    #expect(!found.isEmpty, "no \(ending) in \(folder)")
    return found.sorted { $0.path < $1.path }
  }

  /// Compiled once: there are thousands of texts.
  private static let compiled = Result { try NSRegularExpression(pattern: pattern) }

  private static func hits(in text: String) throws -> [String] {
    let expression = try compiled.get()
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return expression.matches(in: words, range: NSRange(words.startIndex..., in: words)).compactMap { match in
      guard let range = Range(match.range, in: words) else { return nil }
      let before = words[..<range.lowerBound].suffix(30)
      return "\(before)[\(words[range])]\(words[range.upperBound...].prefix(30))"
    }
  }

  private static func name(_ file: URL) -> String { String(file.path.dropFirst(root.path.count + 1)) }

  @Test func `texts of the program are plain English`() throws {
    var count = 0
    for file in try Self.files("Sources", ".swift") {
      for literal in SourceLiterals.of(try String(contentsOf: file, encoding: .utf8)) {
        count += 1
        for hit in try Self.hits(in: literal.text) {
          Issue.record("\(Self.name(file)):\(literal.line): \(hit)")
        }
      }
    }
    #expect(count > 5000, "literals are found")
  }

  @Test func `documents, help and manual pages are plain English`() throws {
    var files = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map { Self.root.appendingPathComponent($0) }
    files += try Self.files("docs", ".md")
    files += try Self.files("Tests/deskrunTests/Snapshots", ".txt")
    files += try Self.files("Packaging/man", "")
    for file in files {
      var isDirectory = ObjCBool(false)
      guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isDirectory), !isDirectory.boolValue else {
        continue
      }
      for hit in try Self.hits(in: String(contentsOf: file, encoding: .utf8)) {
        Issue.record("\(Self.name(file)): \(hit)")
      }
    }
  }

  @Test(arguments: [
    ("There is no token", true), ("null when there is no token", false), ("It is tried again by itself", true),
    ("3 runners fail: image", true), ("3 runners are failing: image", false), ("(95 %: 1m28s)", true),
    ("at GitHub", true), ("on GitHub", false), ("stand-in", false), ("amend", false), ("Mend it", true),
  ]) func `a phrase is found where it is one`(text: String, isFound: Bool) throws {
    #expect(try Self.hits(in: text).isEmpty != isFound)
  }

  @Test func `literals are found, comments and code are not`() {
    let source = #"""
      // "a comment"
      let a = "one \(name.map { "inner \($0)" } ?? "none") two" /* "no" */
      let b = """
        three \
        four "five"
        """
      let c = #"raw \(x)"#
      """#
    #expect(
      SourceLiterals.of(source).map { $0.text.split(whereSeparator: \.isWhitespace).joined(separator: " ") } == [
        "inner {}", "none", "one {} two", "three four \"five\"", "raw \\(x)",
      ])
  }
}
