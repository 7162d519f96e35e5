import Engine
import Foundation
import TestSupport
import Testing

@testable import Tools

@Suite struct VersionCheckTests {
  /// Runs a program that was installed from an archive, with a curl that responds for github.com.
  private func outcome(answer: String, arguments: [String] = []) throws -> (DeskrunBinary.Outcome, asked: String) {
    let prefix = try TemporaryFolder()
    for folder in ["bin", "share/deskrun"] {
      try FileManager.default.createDirectory(
        atPath: "\(prefix.path)/\(folder)", withIntermediateDirectories: true)
    }
    let copy = try DeskrunBinary.tool("/bin/cp", [DeskrunBinary.path, prefix.path + "/bin/deskrun"])
    #expect(copy.status == 0)
    try prefix.write(#"{"kind": "tarball", "repository": "acme/deskrun"}"#, to: "share/deskrun/package.json")
    let curl = try prefix.write(
      "#!/bin/sh\necho \"$@\" >>'\(prefix.path)/asked'\n\(answer)\n", to: "curl", mode: 0o755)
    let outcome = try DeskrunBinary.tool(
      prefix.path + "/bin/deskrun", ["version"] + arguments, environment: ["HOME": prefix.path, "DESKRUN_CURL": curl])
    return (outcome, (try? String(contentsOfFile: prefix.path + "/asked", encoding: .utf8)) ?? "")
  }

  private func latest(_ version: String) -> String {
    "printf '302 https://github.com/acme/deskrun/releases/tag/v\(version)'"
  }

  @Test func `nobody is asked unless --check says so`() throws {
    let (outcome, asked) = try outcome(answer: latest("99.0.0"))
    #expect(outcome.output == "deskrun \(DeskrunVersion.current) (from the release archive)\n")
    #expect(outcome.errors == "")
    #expect(asked == "")
  }

  @Test func `a newer release is named, with what brings it`() throws {
    let (outcome, asked) = try outcome(answer: latest("99.0.0"), arguments: ["--check"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "deskrun \(DeskrunVersion.current) (from the release archive)\n")
    #expect(outcome.errors.contains("deskrun 99.0.0 is available."))
    #expect(outcome.errors.contains("https://github.com/acme/deskrun/releases/latest"))
    #expect(asked.contains("https://github.com/acme/deskrun/releases/latest"))
  }

  @Test func `the newest release is called that, in JSON too`() throws {
    let (outcome, _) = try outcome(
      answer: latest(DeskrunVersion.current), arguments: ["--check", "-o", "json"])
    let document = try JSONValue(parsing: outcome.output)
    #expect(document["newestVersion"] == .string(DeskrunVersion.current))
    #expect(document["installedFrom"] == "tarball")
    #expect(outcome.errors.contains("This is the newest release."))
  }

  @Test(arguments: [
    ("echo 'curl: (6) Could not resolve host: github.com' >&2; exit 6", "Could not resolve host"),
    ("printf '302 https://github.com/acme/deskrun/releases'", "No release of acme/deskrun found"),
    ("printf '404 '", "No release of acme/deskrun found"),
  ])
  func `an answer without a version is an error`(answer: String, words: String) throws {
    let (outcome, _) = try outcome(answer: answer, arguments: ["--check"])
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test func `versions are ordered as semantic versioning says`() throws {
    let ordered = [
      "0.9.0", "0.10.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11",
      "1.0.0-rc.1", "1.0.0", "1.0.1",
    ]
    let versions = try ordered.map { try #require(ReleaseVersion($0)) }
    for (index, version) in versions.enumerated() {
      for (other, later) in versions.enumerated() { #expect((version < later) == (index < other)) }
    }
    for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "v1.2.3", "1.-2.3"] { #expect(ReleaseVersion(text) == nil) }
  }

  @Test(arguments: [
    ("acme/deskrun", true), ("a-b.c/d_e", true), ("acme", false), ("acme/", false), ("a/b/c", false), ("a/..", false),
    ("a/b?c", false), ("", false),
  ])
  func `a repository is an owner and a name`(text: String, isOne: Bool) {
    #expect(ProgramPackage.isRepository(text) == isOne)
  }
}
