import Foundation
import TestSupport
import Testing

/// `make install`, `make uninstall` and the checks before a build, in a test checkout.
@Suite(.ownThreads) struct InstallTests {
  private let checkout: TemporaryFolder
  private let home: TemporaryFolder

  init() throws {
    checkout = try TemporaryFolder()
    home = try TemporaryFolder()
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    // Copied by another program: a child that another test starts meanwhile would keep a script open for writing, and
    // then the kernel refuses to run it.
    let copy = try DeskrunBinary.tool(
      "/bin/cp", ["-R"] + ["Scripts", "Packaging"].map { package.appendingPathComponent($0).path } + [checkout.path])
    #expect(copy.status == 0, "\(copy.errors)")
    for folder in ["Sources", "bin"] {
      try FileManager.default.createDirectory(
        atPath: "\(checkout.path)/\(folder)", withIntermediateDirectories: true)
    }
  }

  private func build() throws {
    try FileManager.default.createDirectory(
      atPath: checkout.path + "/.build/release", withIntermediateDirectories: true)
    try checkout.write("#!/bin/sh\necho \"completion for $2\"\n", to: ".build/release/deskrun", mode: 0o755)
  }

  private func run(_ line: String, path: String = "/usr/bin:/bin", shell: String = "/bin/bash") throws
    -> DeskrunBinary.Outcome
  {
    try DeskrunBinary.tool(
      "/bin/sh", ["-c", "cd \"$CHECKOUT\" && \(line)"],
      environment: ["CHECKOUT": checkout.path, "HOME": home.path, "PATH": path, "SHELL": shell])
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  @Test func `a tilde that the shell left alone is the home folder`() throws {
    try build()
    let outcome = try run("Scripts/install-built '~/.local'")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(exists(home.path + "/.local/bin/deskrun"))
    #expect(exists(home.path + "/.local/share/zsh/site-functions/_deskrun"))
    #expect(exists(home.path + "/.local/share/man/man1/deskrun-add.1"))
    #expect(exists(home.path + "/.local/share/man/man5/deskrun-config.5"))
    let unit = try String(
      contentsOfFile: home.path + "/.local/share/systemd/user/deskrun-record.service", encoding: .utf8)
    #expect(unit.contains("ExecStart=\(home.path)/.local/bin/deskrun record\n"))
    #expect(!exists(checkout.path + "/~"))
    // The folder is not on the PATH yet.
    #expect(outcome.output.contains("is not on your PATH"))
    #expect(outcome.output.contains("\(home.path)/.local/bin:$PATH"))

    let removal = try run("Scripts/install-built '~/.local' uninstall")
    #expect(removal.status == 0)
    #expect(!exists(home.path + "/.local/bin/deskrun"))
    let left = FileManager.default.enumerator(atPath: home.path)?.compactMap { $0 as? String } ?? []
    #expect(!left.contains { $0.contains("deskrun") }, "\(left)")
    #expect(removal.output.contains("~/.deskrun"))
  }

  @Test func `a folder that is on the path needs no line`() throws {
    try build()
    let outcome = try run("Scripts/install-built \"$HOME/.local\"", path: "\(home.path)/.local/bin:/usr/bin:/bin")
    #expect(outcome.status == 0)
    #expect(!outcome.output.contains("PATH"), "\(outcome.output)")
  }

  @Test func `a relative prefix is refused and nothing is made`() throws {
    try build()
    let outcome = try run("Scripts/install-built local")
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("absolute"))
    #expect(!exists(checkout.path + "/local"))
  }

  @Test func `installing builds nothing`() throws {
    let outcome = try run("Scripts/install-built '~/.local'")
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("make build"))
    #expect(!exists(checkout.path + "/.build"))
    #expect(!exists(home.path + "/.local"))
  }

  @Test(arguments: [
    ("", "swift.org/install"),
    ("echo 'error while loading shared libraries: libxml2.so.2' >&2; exit 127", "libxml2.so.2"),
    ("echo 'Swift version 5.10 (swift-5.10-RELEASE)'", "this is 5.10"),
    ("[ $1 = --version ] && echo 'Swift version 6.3.1' && exit; echo 'no route to host' >&2; exit 1", "no route"),
  ])
  func `what keeps it from being built is named`(swift: String, message: String) throws {
    if !swift.isEmpty { try checkout.write("#!/bin/sh\n\(swift)\n", to: "bin/swift", mode: 0o755) }
    let outcome = try run("Scripts/check-build-tools swift 6 1", path: "\(checkout.path)/bin:/usr/bin:/bin")
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }
}
