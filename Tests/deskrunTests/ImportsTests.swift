import Foundation
import TestSupport
import Testing

@testable import Basics

/// A file that imports a module its target does not name builds where that module happens to be there from the last
/// build, and fails in a clean clone. Package.swift as the package manager reads it, against what the files import.
@Suite(.ownThreads) struct ImportsTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL.path

  private struct Target {
    let name: String
    let folder: String
    let named: Set<String>
    let onlySources: Set<String>
  }

  private func targets(_ swift: String) throws -> [Target] {
    let scratch = try TemporaryFolder()
    let outcome = try DeskrunBinary.tool(
      swift, ["package", "--package-path", Self.package, "--scratch-path", scratch.path, "dump-package"],
      environment: ["HOME": scratch.path, "TMPDIR": scratch.path])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let document = try JSONValue(parsing: outcome.output)
    return try #require(document["targets"]?.arrayValue).compactMap { target in
      guard let name = target["name"]?.stringValue, let folder = target["path"]?.stringValue,
        target["type"] != "system"
      else { return nil }
      let dependencies = (target["dependencies"]?.arrayValue ?? []).compactMap {
        ($0["byName"] ?? $0["product"] ?? $0["target"])?[0]?.stringValue
      }
      return Target(
        name: name, folder: folder, named: Set(dependencies),
        onlySources: Set((target["sources"]?.arrayValue ?? []).compactMap(\.stringValue)))
    }
  }

  /// The modules that a file imports, including `@testable import X` and `import struct X.Y`.
  static func imports(_ text: String) -> Set<String> {
    let pattern =
      /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:package |public |internal |private |fileprivate )?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias) )?(\w+)/
      .anchorsMatchLineEndings()
    return Set(text.matches(of: pattern).map { String($0.1) })
  }

  @Test func `every target names the modules that its files import`() throws {
    guard let swift = DeskrunBinary.find("swift") else {
      print("swift is not on PATH: the imports were not checked")
      return
    }
    let targets = try targets(swift)
    #expect(targets.count > 25)
    let own = Set(targets.map(\.name)).union(["CNcurses", "CYaml"])
    let elsewhere = targets.reduce(into: Set<String>()) { $0.formUnion($1.named) }
    var checked = 0
    for target in targets {
      let folder = "\(Self.package)/\(target.folder)"
      for case let file as String in try #require(FileManager.default.enumerator(atPath: folder))
      where file.hasSuffix(".swift") && (target.onlySources.isEmpty || target.onlySources.contains(file)) {
        checked += 1
        let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
        let missing = Self.imports(text).intersection(own.union(elsewhere)).subtracting(target.named)
        #expect(
          missing.isEmpty || missing == [target.name],
          "\(target.folder)/\(file) imports \(missing.sorted()): Package.swift does not name it for \(target.name)")
      }
    }
    #expect(checked > 500)
  }

  @Test func `imports are found in every form`() {
    let text = """
      import Foundation
      @testable import Basics
      @preconcurrency @_exported import NIOCore
      public import Tools
      import struct ARC.Runner
      // import Comment
      let important = 1
      """
    #expect(Self.imports(text) == ["Foundation", "Basics", "NIOCore", "Tools", "ARC"])
  }
}
