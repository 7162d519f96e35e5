import Foundation
import TestSupport
import Testing

/// Packaging/install.sh, with a test archive instead of a release.
struct InstallScriptTests {
  private let home: TemporaryFolder
  private let release: TemporaryFolder
  private let name: String
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Packaging/install.sh").standardizedFileURL.path

  init() throws {
    home = try TemporaryFolder()
    release = try TemporaryFolder()
    #if os(Linux)
    #if arch(arm64)
    name = "deskrun-1.2.3-linux-aarch64"
    #else
    name = "deskrun-1.2.3-linux-x86_64"
    #endif
    #else
    name = "deskrun-1.2.3-macos-universal"
    #endif
    for folder in ["bin", "share/deskrun", "share/man/man1", "share/systemd/user"] {
      try FileManager.default.createDirectory(
        atPath: "\(release.path)/\(name)/\(folder)", withIntermediateDirectories: true)
    }
    try release.write("#!/bin/sh\necho 1.2.3\n", to: name + "/bin/deskrun", mode: 0o755)
    try release.write(#"{"kind": "tarball", "repository": "acme/deskrun"}"#, to: name + "/share/deskrun/package.json")
    try release.write(".TH DESKRUN 1\n", to: name + "/share/man/man1/deskrun.1")
    try release.write(
      "ExecStart=/usr/local/bin/deskrun record\n", to: name + "/share/systemd/user/deskrun-record.service")
    let outcome = try DeskrunBinary.tool(
      "/bin/sh",
      [
        "-c",
        """
        cd "$1" && tar -czf "$2.tar.gz" "$2" && rm -r "$2" &&
        { sha256sum "$2.tar.gz" 2>/dev/null || shasum -a 256 "$2.tar.gz"; } >SHA256SUMS
        """, "sh", release.path, name,
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func install(_ arguments: [String]) throws -> DeskrunBinary.Outcome {
    try DeskrunBinary.tool(
      "/bin/sh", [Self.script] + arguments, environment: ["HOME": home.path, "TMPDIR": NSTemporaryDirectory()])
  }

  private var files: [String] {
    (FileManager.default.enumerator(atPath: home.path)?.compactMap { $0 as? String } ?? []).sorted()
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: "\(home.path)/\(file)", encoding: .utf8)
  }

  private var hasDownloader: Bool { DeskrunBinary.find("curl") != nil }

  @Test func `it installs what the checksum is right of, and removes every file again`() throws {
    guard hasDownloader else { return print("curl is not installed: install.sh was not tried") }
    let outcome = try install(["--url", "file://" + release.path])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Installed deskrun 1.2.3 in \(home.path)/.local"))
    #expect(outcome.output.contains("is not on your PATH"))
    #expect(FileManager.default.isExecutableFile(atPath: home.path + "/.local/bin/deskrun"))
    #expect(try text(".local/share/deskrun/package.json").contains(#""script""#))
    #expect(
      try text(".local/share/systemd/user/deskrun-record.service")
        == "ExecStart=\(home.path)/.local/bin/deskrun record\n")
    // Again, over the existing installation.
    #expect(try install(["--url=file://" + release.path, "--version", "v1.2.3"]).status == 0)
    let removal = try install(["--uninstall"])
    #expect(removal.status == 0, "\(removal.errors)")
    #expect(removal.output.contains("~/.deskrun"))
    #expect(files.filter { $0 != ".local" } == [], "\(files)")
  }

  @Test func `what others keep in the same folders is kept`() throws {
    guard hasDownloader else { return }
    try FileManager.default.createDirectory(
      atPath: home.path + "/prefix/bin", withIntermediateDirectories: true)
    try home.write("theirs", to: "prefix/bin/other")
    #expect(try install(["--prefix", home.path + "/prefix", "--url", "file://" + release.path]).status == 0)
    #expect(try install(["--prefix", home.path + "/prefix", "--uninstall"]).status == 0)
    #expect(files == ["prefix", "prefix/bin", "prefix/bin/other"])
  }

  @Test func `a wrong checksum installs nothing`() throws {
    guard hasDownloader else { return }
    let zeros = String(repeating: "0", count: 64)
    try release.write("\(zeros)  \(name).tar.gz\n", to: "SHA256SUMS")
    let outcome = try install(["--url", "file://" + release.path])
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("checksum"))
    #expect(outcome.errors.contains(zeros))
    #expect(files == [])
  }

  @Test(arguments: [
    (["--version", "9.9.9"], "has no deskrun 9.9.9"), (["--prefix", "relative"], "absolute"),
    (["--prefix"], "needs a value"), (["--help-me"], "Unknown option"), (["--uninstall"], "has not installed"),
  ])
  func `what it cannot do is said and changes nothing`(arguments: [String], words: String) throws {
    guard hasDownloader else { return }
    let outcome = try install(["--url", "file://" + release.path] + arguments)
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(files == [])
  }

  @Test func `one that belongs to no release asks for an address`() throws {
    guard hasDownloader else { return }
    let outcome = try install([])
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("--url"))
    #expect(files == [])
  }
}
