import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

@Suite struct CompletionTests {
  @Test(arguments: ["bash", "zsh", "fish"]) func `the script is one its shell can read`(shell: String) throws {
    let script = try DeskrunBinary.run(["completion", shell])
    #expect(script.status == 0)
    #expect(script.output.contains("__complete names"))
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

  @Test func `bash completes commands and names`() throws {
    guard let bash = DeskrunBinary.find("bash") else { return }
    let home = try TemporaryFolder()
    try home.write(#"{"installations": {"web-ci": {}, "nix": {}}}"#, to: "config.json")
    let folder = URL(fileURLWithPath: DeskrunBinary.path).deletingLastPathComponent().path
    let script = """
      export PATH='\(folder)':"$PATH" DESKRUN_HOME='\(home.path)'
      source <(deskrun completion bash)
      complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        COMPREPLY=(); _deskrun deskrun "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; echo "${COMPREPLY[*]}"; }
      complete_words deskrun sta
      complete_words deskrun remove ''
      complete_words deskrun add x --mode d
      """
    let outcome = try DeskrunBinary.tool(bash, ["-c", script])
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.first == "status")
    #expect(lines.dropFirst().first?.contains("nix web-ci") == true, "\(outcome.output)\(outcome.errors)")
    #expect(lines.dropFirst(2).first == "dind")
  }
}
