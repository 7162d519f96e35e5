import Foundation
import TestSupport
import Testing

@testable import Basics
@testable import ValuesFiles

/// Files that only GitHub reads: nothing else here would detect a typing error in them.
@Suite(.ownThreads) struct RepositoryFilesTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL.path

  private func document(_ name: String) throws -> JSONValue {
    let bytes = try #require(try FileIO.read("\(Self.package)/.github/\(name)"))
    return try #require(try YAMLReader.read(bytes)).json
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(Self.package)/.github/\(folder)").map { "\(folder)/\($0)" }
  }

  @Test func `workflows call what is there`() throws {
    let makefile = try String(contentsOfFile: Self.package + "/Makefile", encoding: .utf8)
    let workflows = try names("workflows")
    #expect(workflows.count >= 2)
    for name in workflows {
      let jobs = try #require(try document(name)["jobs"]?.objectValue)
      let steps = jobs.members.flatMap { $0.1["steps"]?.arrayValue ?? [] }
      #expect(!steps.isEmpty)
      for step in steps {
        #expect((step["uses"] == nil) != (step["run"] == nil), "\(name): \(step)")
        if let action = step["uses"]?.stringValue {
          #expect(action.wholeMatch(of: /actions\/[a-z-]+@v\d+/) != nil, "\(name): \(action)")
        }
        let script = step["run"]?.stringValue ?? ""
        for target in script.matches(of: /(?:^|\n|&& )make ([a-z]+)/).map({ String($0.1) }) {
          #expect(makefile.contains("\n\(target):"), "\(name): make \(target)")
        }
        if script.hasPrefix(".ci/") {
          #expect(FileManager.default.isExecutableFile(atPath: "\(Self.package)/\(script)"), "\(name): \(script)")
        }
      }
    }
  }

  @Test func `scripts are clean for shellcheck`() throws {
    let manager = FileManager.default
    let scripts =
      try manager.contentsOfDirectory(atPath: Self.package + "/Scripts").map { "\(Self.package)/Scripts/\($0)" }
      + [Self.package + "/Packaging/install.sh", Self.package + "/.ci/run"]
    #expect(scripts.count >= 8)
    for script in scripts { #expect(manager.isExecutableFile(atPath: script), "\(script)") }
    guard let shellcheck = DeskrunBinary.find("shellcheck") else {
      print("shellcheck is not installed: the scripts were not checked")
      return
    }
    let outcome = try DeskrunBinary.tool(shellcheck, scripts)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  @Test func `issue forms have what GitHub demands of them`() throws {
    for name in try names("ISSUE_TEMPLATE") where !name.hasSuffix("config.yml") {
      let form = try document(name)
      #expect(form["name"]?.stringValue != nil && form["description"]?.stringValue != nil)
      for part in form["body"]?.arrayValue ?? [] {
        let type = part["type"]?.stringValue ?? ""
        #expect(["markdown", "textarea", "input", "dropdown", "checkboxes"].contains(type))
        #expect(part["attributes"]?[type == "markdown" ? "value" : "label"]?.stringValue != nil, "\(name): \(part)")
      }
    }
    #expect(try document("ISSUE_TEMPLATE/config.yml")["blank_issues_enabled"] == false)
  }

  @Test func `the oldest Swift is the same everywhere`() throws {
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(Self.package)/\(name)", encoding: .utf8)
    }
    let first = try #require(try text("Package.swift").split(separator: "\n").first)
    let version = try #require(first.split(separator: " ").last.map(String.init))
    let parts = version.split(separator: ".")
    #expect(try text("Makefile").contains("needed_major = \(parts[0])\nneeded_minor = \(parts[1])\n"))
    for name in ["README.md", "CONTRIBUTING.md"] { #expect(try text(name).contains("Swift \(version) or newer")) }
    #expect(try text("Benchmarks/Package.swift").hasPrefix(first))
    let test = try document("workflows/test.yml")
    #expect(test["jobs"]?["linux"]?["strategy"]?["matrix"]?["swift"]?[0] == .string(version))
  }
}
