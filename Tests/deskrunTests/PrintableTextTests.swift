import Engine
import Foundation
import Testing

@testable import ARC
@testable import Basics
@testable import CommandOutput
@testable import CommandSession
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools
@testable import deskrun

@Suite struct PrintableTextTests {
  static let evil = "v1.36\u{1B}]0;title\u{07}\u{1B}[2J\u{9B}31m\u{202E}\u{200B}x"

  @Test func `what is put into a text is made safe and the text around it stays`() {
    let style = Style(usesColor: true, usesUnicode: true)
    let text: PrintableText = "\(style.paint("a:", .bad)) \(Self.evil)\n\(7) \(Substring(Self.evil))"
    #expect(text.raw == "\u{1B}[31ma:\u{1B}[0m v1.36x\n7 v1.36x")
    #expect(style.paint(Self.evil, .good).raw == "\u{1B}[32mv1.36x\u{1B}[0m")
    #expect((PrintableText(Self.evil) + " " + PrintableText(lines: "a\n\(Self.evil)")).raw == "v1.36x a\nv1.36x")
  }

  @Test func `what the cluster says of itself cannot steer the terminal`() throws {
    let report = StatusReport(
      context: Self.evil, cluster: .ready(version: Self.evil), snapshot: nil, installations: [])
    let text = report.text(Style(usesColor: false, usesUnicode: true), width: nil, wide: false, headers: true)
    #expect(text.raw.hasPrefix("Cluster     ● v1.36x  Kubernetes v1.36x\n"))
  }

  @Test func `findings cannot either`() throws {
    let finding = Finding(.disk, Self.evil, .bad, Self.evil, evidence: [Self.evil], remedy: Self.evil, action: nil)
    let recorded = RecordedConsole(live: false)
    for format in [OutputFormat.table, .json, .yaml, .name] {
      try FindingsReport(findings: [finding], context: "kind-a").write(OutputForm(format: format), to: recorded.console)
    }
    #expect(
      recorded.output.text.unicodeScalars.allSatisfy {
        $0 == "\n" || $0.value == 0x200B || !SafeText.isHidden($0.value)
      })
    #expect(recorded.output.text.contains("\\u202e") && recorded.output.text.contains("\\u009b"))
  }

  @Test func `findings are broken between words to the terminal, and commands are left whole`() throws {
    let sentence = String(repeating: "several words of a message ", count: 8).trimmingCharacters(in: .whitespaces)
    let action = FindingAction.edit(.values)
    let finding = Finding(.disk, "web-ci", .bad, sentence, evidence: [sentence], remedy: sentence, action: action)
    func lines(columns: Int?) throws -> [String] {
      let output = MemorySink()
      let terminal = Terminal.facts(
        isTerminal: columns != nil, columns: columns, environment: ["TERM": "xterm", "LANG": "C.UTF-8"], color: .never,
        ascii: false)
      try FindingsReport(findings: [finding], context: "kind-a").write(
        OutputForm(format: .table),
        to: Console(output: terminal, errors: terminal, outputSink: output, errorSink: output))
      return output.text.split(separator: "\n").map(String.init)
    }
    let command = try #require(action.command("web-ci"))
    let narrow = try lines(columns: 60)
    #expect(narrow.filter { $0.count > 60 }.allSatisfy { $0.hasSuffix(command) })
    #expect(narrow.contains { $0.hasSuffix(command) })
    #expect(narrow.count > 12)
    #expect(narrow.joined(separator: " ").split(separator: " ").count { $0 == "several" } == 24)
    // In a pipe, each paragraph is one line.
    #expect(try lines(columns: nil).count == 4)
  }

  @Test func `on a terminal that does not know UTF-8 no byte of it is written`() throws {
    let output = MemorySink()
    let terminal = Terminal.facts(
      isTerminal: true, columns: 80, environment: ["TERM": "xterm", "LANG": "de_DE.ISO-8859-1"], color: .never,
      ascii: false)
    let console = Console(output: terminal, errors: terminal, outputSink: output, errorSink: output)
    try console.write("\("À la carte …")\n")
    console.tell("größer")
    #expect(output.text == "? la carte ...\ngr??er\n")
    let pipe = Terminal.facts(isTerminal: false, columns: nil, environment: [:], color: .never, ascii: false)
    let piped = MemorySink()
    try Console(output: pipe, errors: pipe, outputSink: piped, errorSink: piped).write("\("À")\n")
    #expect(piped.text == "?\n")
  }

  /// All output is `PrintableText`.
  @Test func `nothing else in the program writes`() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
    #expect(files.count > 200)
    // The simulated tools are separate programs, whose output deskrun reads.
    for file in files where file.hasSuffix(".swift") && !file.hasPrefix("Demo/") {
      let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
      for line in text.split(separator: "\n") where !line.contains("//") {
        let prints = ["print(", "debugPrint(", "fputs(", "puts(", "dump(", "putchar(", "FileHandle.standard"].contains {
          word in
          line.ranges(of: word).contains { found in
            found.lowerBound == line.startIndex
              || !(line[line.index(before: found.lowerBound)].isLetter
                || line[line.index(before: found.lowerBound)] == ".")
          }
        }
        #expect(!prints, "\(file): \(line)")
        let descriptors = ["write(1,", "write(2,", "write(STDOUT_FILENO", "write(STDERR_FILENO"]
        #expect(!descriptors.contains { line.contains($0) }, "\(file): \(line)")
        if line.contains("completionScript: ") {
          #expect(
            file.hasSuffix("CompletionCommand.swift") || file.hasSuffix("PrintableText.swift"), "\(file): \(line)")
        }
      }
    }
  }
}
