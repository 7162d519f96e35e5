import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

@Suite(.ownThreads) struct CompletionTests {
  private func words(_ words: [String], _ environment: [String: String] = [:]) -> [String] {
    CompletionAnswer(words: words, environment: environment).words.map(\.text)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func `the script is one its shell can read`(shell: String) async throws {
    let script = try await InProcess.run(["completion", shell], environment: [:])
    #expect(script.status == 0)
    #expect(script.output.contains("__complete --"))
    guard let path = DeskrunBinary.find(shell) else {
      print("\(shell) is not installed: its completion script was not read by it")
      return
    }
    let read = try DeskrunBinary.tool(path, ["-n", "/dev/stdin"], input: script.output)
    #expect(read.status == 0, "\(read.errors)")
    #expect(read.errors == "")
  }

  @Test func `names of installations come from the configuration file`() throws {
    let home = try TemporaryFolder()
    #expect(try DeskrunBinary.run(["__complete", "names"], environment: ["DESKRUN_HOME": home.path]).status == 0)
    try home.write(#"{"installations": {"web-ci": {}, "nix": {}, "evil; rm": {}, "$(id)": {}}}"#, to: "config.json")
    let outcome = try DeskrunBinary.run(["__complete", "names"], environment: ["DESKRUN_HOME": home.path])
    #expect(outcome.output == "nix\nweb-ci\n")
    try home.write("{ damaged", to: "config.json")
    let damaged = try DeskrunBinary.run(["__complete", "names"], environment: ["DESKRUN_HOME": home.path])
    #expect((damaged.status, damaged.output, damaged.errors) == (0, "", ""))
  }

  @Test func `commands complete with their other names, and help with all commands and its pages`() {
    #expect(words(["sta"]) == ["status"])
    #expect(Set(words(["r"])).isSuperset(of: ["remove", "rm", "record"]))
    #expect(words(["--demo", "upg"]) == ["upgrade"])
    #expect(words(["cluster", "u"]) == ["use"])
    #expect(Set(words(["help", ""])).isSuperset(of: ["add", "demo", "rm"]))
    #expect(words(["help", "cluster", "d"]) == ["delete"])
    #expect(words(["help", "add", ""]) == [])
    #expect(words(["he"]) == ["help"])
  }

  @Test func `names are those of the home, and with the demo those of the demo`() async throws {
    let home = try TemporaryFolder()
    try home.write(#"{"installations": {"mine": {}}}"#, to: "config.json")
    let demo = DemoFolder()
    _ = try await demo.run(["list"])
    let environment = ["DESKRUN_HOME": home.path, "DESKRUN_DEMO_HOME": demo.path, "HOME": "/nonexistent"]
    for command in ["remove", "rm", "status", "logs", "up"] {
      #expect(words([command, ""], environment) == ["mine"], "\(command)")
      #expect(words(["--demo", command, ""], environment) == ["nix-builder", "tools-dind", "web-ci"], "\(command)")
    }
    #expect(words(["rm", "--demo", "w"], environment) == ["web-ci"])
    #expect(words(["rm", "mine", ""], environment) == [])
    #expect(words(["jobs", "--demo", "--log", "web-ci-"], environment).count > 20)
  }

  @Test func `values of options complete`() throws {
    let home = try TemporaryFolder()
    try home.write(
      "contexts:\n- context:\n    cluster: a\n  name: kind-a\n- name: 'team/b'\n  context: {cluster: b}\n", to: "kube")
    try home.write(#"{"contexts": [{"name": "json"}, {"name": "$(id)"}]}"#, to: "other")
    let environment = ["KUBECONFIG": "\(home.path)/kube:\(home.path)/other", "MY_TOKEN": "x"]
    #expect(words(["status", "--context", ""], environment) == ["json", "kind-a", "team/b"])
    #expect(words(["--context=k"], environment) == ["--context=kind-a"])
    #expect(words(["cluster", "use", "te"], environment) == ["team/b"])
    #expect(words(["status", "--kubeconfig", "\(home.path)/other", "--context", ""], environment) == ["json"])
    #expect(words(["add", "x", "--mode", "d"]) == ["dind"])
    #expect(words(["tui", "--theme", "ter"]) == ["terminal"])
    #expect(words(["--theme", "ter"]) == ["terminal"])
    #expect(words(["list", "--demo-trouble", "at-"]) == ["at-limit"])
    #expect(words(["list", "-o", "js"]) == ["json"])
    #expect(words(["completion", "f"]) == ["fish"])
    #expect(words(["add", "x", "--auth-value", ""]) == ["gh", "@", "env:", "-"])
    #expect(words(["add", "x", "--auth-value", "env:MY"], environment) == ["env:MY_TOKEN"])
    #expect(CompletionAnswer(words: ["add", "x", "--auth-value", "@to"], environment: [:]).files == "@")
    #expect(CompletionAnswer(words: ["add", "x", "--auth-value=@to"], environment: [:]).files == "--auth-value=@")
    #expect(CompletionAnswer(words: ["add", "--values", "v"], environment: [:]).files == "")
    #expect(words(["add", "--values", ""]) == [])
  }

  @Test func `options complete, and those of the demo when they are begun`() {
    #expect(words(["scale", "x", "--max"]) == ["--max-runners"])
    #expect(words(["--dem"]) == ["--demo"])
    #expect(Set(words(["list", "--demo-"])).isSuperset(of: ["--demo-reset", "--demo-trouble"]))
    #expect(words(["list", "--", "--de"]) == [])
  }

  /// The completions in each shell.
  private static let folder = URL(fileURLWithPath: DeskrunBinary.path).deletingLastPathComponent().path

  @Test func `bash completes commands, names, values and files`() throws {
    guard let bash = DeskrunBinary.find("bash") else { return }
    let home = try TemporaryFolder()
    try home.write(#"{"installations": {"web-ci": {}, "nix": {}}}"#, to: "config.json")
    try home.write("", to: "token.txt")
    let script = """
      export PATH='\(Self.folder)':"$PATH" DESKRUN_HOME='\(home.path)'
      cd '\(home.path)'
      source <(deskrun completion bash)
      complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        COMPREPLY=(); _deskrun deskrun "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; echo "${COMPREPLY[*]}"; }
      complete_words deskrun sta
      complete_words deskrun rm ''
      complete_words deskrun add x --mode d
      complete_words deskrun add x --auth-value @tok
      complete_words deskrun add x --mode=di
      complete_words deskrun add x --auth-value en
      """
    let outcome = try DeskrunBinary.tool(bash, ["-c", script])
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // readline replaces the text after `@` and `=`.
    #expect(
      lines.prefix(6) == ["status", "nix web-ci", "dind", "token.txt", "dind", "env:"],
      "\(outcome.output)\(outcome.errors)")
  }

  @Test func `fish completes commands, names and files`() throws {
    guard let fish = DeskrunBinary.find("fish") else { return }
    let home = try TemporaryFolder()
    try home.write(#"{"installations": {"web-ci": {}, "nix": {}}}"#, to: "config.json")
    try home.write("", to: "token.txt")
    let script = """
      deskrun completion fish | source
      complete -C 'deskrun sta'
      complete -C 'deskrun rm '
      complete -C 'deskrun add x --auth-value @tok'
      """
    let outcome = try DeskrunBinary.tool(
      fish, ["--no-config", "-c", "cd \(home.path)\n" + script],
      environment: [
        "PATH": "\(Self.folder):/usr/bin:/bin", "DESKRUN_HOME": home.path, "HOME": home.path,
        "XDG_CONFIG_HOME": home.path,
      ])
    let found = outcome.output.split(separator: "\n").map { $0.split(separator: "\t").first.map(String.init) ?? "" }
    #expect(Set(found) == ["status", "nix", "web-ci", "@token.txt"], "\(outcome.output)\(outcome.errors)")
  }
}
