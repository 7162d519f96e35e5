import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What `kubectl exec -it` opens in the demo: a few commands, so that handing the terminal over can be tried out.
struct DemoShell {
  let call: DemoCall

  func run(pod: String) throws {
    let objects = call.world().objects("pods")
    guard let found = objects.first(where: { $0["metadata"]?["name"]?.stringValue == pod }) else {
      throw DemoError("Error from server (NotFound): pods \"\(pod)\" not found")
    }
    guard found["status"]?["phase"]?.stringValue == "Running" else {
      throw DemoError("error: unable to upgrade connection: container not found (\"runner\")")
    }
    // In a container, ctrl-C is the business of the shell there.
    signal(SIGINT, SIG_IGN)
    DemoOutput.say("A shell of the demo; `help` lists what it knows.\n")
    while true {
      DemoOutput.say("runner@\(pod):~$ ")
      guard let line = readLine() else { return DemoOutput.say("exit\n") }
      let words = line.split(separator: " ").map(String.init)
      switch words.first {
      case nil: continue
      case "exit", "logout": return
      case "help": DemoOutput.say("whoami, hostname, pwd, ls, ps, echo, exit\n")
      case "whoami": DemoOutput.say("runner\n")
      case "hostname": DemoOutput.say(pod + "\n")
      case "pwd": DemoOutput.say("/home/runner\n")
      case "ls": DemoOutput.say("_diag  _work  bin  config.sh  externals  run.sh\n")
      case "ps": DemoOutput.say("PID   COMMAND\n    1 /home/runner/run.sh\n   27 Runner.Listener run\n")
      case "echo": DemoOutput.say(words.dropFirst().joined(separator: " ") + "\n")
      case .some(let other): DemoOutput.say("sh: \(other): not found in the demo\n")
      }
    }
  }
}
