import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// This program under the name of kubectl: answers as a cluster with so many runners would, and emits what a scenario
/// asks for, with the time of each event in a file.
enum FakeKubectl {
  static func run(_ arguments: [String], _ environment: [String: String]) -> Never {
    signal(SIGPIPE, SIG_DFL)
    let path = arguments.first { $0.hasPrefix("/") } ?? ""
    if arguments.contains("--client") {
      print(#"{"clientVersion":{"gitVersion":"v1.36.1"}}"#)
      exit(0)
    }
    if path == "/version" {
      print(#"{"major":"1","minor":"36","gitVersion":"v1.36.1"}"#)
      exit(0)
    }
    if path.hasPrefix("/readyz") { exit(0) }
    if path.contains("/log?") { log(environment) }
    guard path.contains("watch=1") else {
      print(#"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[]}"#)
      exit(0)
    }
    watch(path, environment)
  }

  private static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { buffer -> Int in
        #if canImport(Darwin)
        Darwin.write(1, buffer.baseAddress, buffer.count)
        #else
        Glibc.write(1, buffer.baseAddress, buffer.count)
        #endif
      }
      if count <= 0 { exit(0) }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func number(_ name: String, _ environment: [String: String]) -> Int {
    environment[name].flatMap(Int.init) ?? 0
  }

  private static func watch(_ path: String, _ environment: [String: String]) -> Never {
    let count = number("BENCH_RUNNERS", environment)
    switch path {
    case _ where path.contains("/pods"):
      for index in 0..<count { write(FakeObjects.added(FakeObjects.pod(index))) }
      write(FakeObjects.listEnd)
      churn(environment, count, isPods: true)
    case _ where path.contains("/ephemeralrunners"):
      for index in 0..<count {
        write(FakeObjects.added(FakeObjects.runner(index, job: FakeObjects.job(of: index))))
      }
      write(FakeObjects.listEnd)
      if let marks = environment["BENCH_MARKS"] { emitMarks(marks, environment) }
      churn(environment, count, isPods: false)
    case _ where path.contains("/autoscalingrunnersets"):
      write(FakeObjects.added(FakeObjects.scaleSet) + FakeObjects.listEnd)
    case _ where path.contains("/deployments"):
      write(FakeObjects.added(FakeObjects.deployment) + FakeObjects.listEnd)
    default: write(FakeObjects.listEnd)
    }
    while true {
      sleep(55)
      // As a real server does about once a minute.
      write(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}"# + "\n")
    }
  }

  /// Gives the first runner another job every so often, and writes down when. Its name is eight times one letter, so
  /// that all of it changes on the screen.
  private static func emitMarks(_ file: String, _ environment: [String: String]) {
    let number = number("BENCH_MARK_COUNT", environment)
    // The screen is given time to settle first.
    usleep(1_500_000)
    let out = FileHandle(forWritingAtPath: file)
    for mark in 0..<number {
      usleep(UInt32(90_000 + (mark * 7919) % 60_000))
      let event = FakeObjects.modified(FakeObjects.runner(0, job: markText(mark), version: mark + 2))
      let time = Clock.now()
      write(event)
      out?.write(Data("\(mark) \(time)\n".utf8))
    }
  }

  static func markText(_ mark: Int) -> String {
    String(repeating: Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(mark % 26))), count: 8)
  }

  /// Runners come, take jobs and go: so many events a second over both kinds.
  private static func churn(_ environment: [String: String], _ count: Int, isPods: Bool) {
    let rate = number("BENCH_RATE", environment)
    guard rate > 0, count > 0 else { return }
    usleep(1_000_000)
    var version = 1000
    let replaces = environment["BENCH_REPLACES"] != nil
    while true {
      usleep(UInt32(2_000_000 / rate))
      version += 1
      let index = (version * 131) % count
      if replaces {
        // One runner's whole life: the old one goes, a new one of another name comes.
        let (old, new) = (count + version - 1001, count + version - 1000)
        if isPods {
          write(FakeObjects.deleted(FakeObjects.pod(old)) + FakeObjects.added(FakeObjects.pod(new)))
        } else {
          write(
            FakeObjects.deleted(FakeObjects.runner(old, job: nil))
              + FakeObjects.added(FakeObjects.runner(new, job: "build \(version)", version: version)))
        }
      } else if isPods {
        write(FakeObjects.modified(FakeObjects.pod(index, version: version)))
      } else {
        write(
          FakeObjects.modified(
            FakeObjects.runner(index, job: version % 3 == 0 ? nil : "build \(version)", version: version)))
      }
    }
  }

  /// A log of so many lines a second, a hundred times a second.
  private static func log(_ environment: [String: String]) -> Never {
    let rate = number("BENCH_LOG_RATE", environment)
    var line = 0
    let start = Clock.now()
    while rate > 0 {
      usleep(10_000)
      // So many as the time that has really passed asks for.
      let wanted = Int((Clock.now() - start) / 1_000_000) * rate / 1000
      var text = ""
      while line < wanted {
        line += 1
        text +=
          "2026-11-24T12:00:05.123456789Z \u{1B}[32m[\(line)]\u{1B}[0m compiling module number \(line) of the program, with flags -O2 -g\n"
      }
      write(text)
    }
    write("2026-11-24T12:00:05.123456789Z Listening for Jobs\n")
    while true { sleep(3600) }
  }
}

enum Clock {
  /// Nanoseconds since some moment, the same for all processes.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
