import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What `kubectl exec -it` opens in the demo: a few commands, to try out handing over the terminal.
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
    // In a container, ctrl-C is handled by its shell.
    signal(SIGINT, SIG_IGN)
    call.say("A shell of the demo; `help` lists what it knows.\n")
    while true {
      call.say("runner@\(pod):~$ ")
      guard let line = readLine() else { return call.say("exit\n") }
      let words = line.split(separator: " ").map(String.init)
      switch words.first {
      case nil: continue
      case "exit", "logout": return
      case "help": call.say("whoami, hostname, pwd, ls, ps, echo, exit\n")
      case "whoami": call.say("runner\n")
      case "hostname": call.say(pod + "\n")
      case "pwd": call.say("/home/runner\n")
      case "ls": call.say("_diag  _work  bin  config.sh  externals  run.sh\n")
      case "ps": call.say("PID   COMMAND\n    1 /home/runner/run.sh\n   27 Runner.Listener run\n")
      case "echo": call.say(words.dropFirst().joined(separator: " ") + "\n")
      case .some(let other): call.say("sh: \(other): not found in the demo\n")
      }
    }
  }
}
