import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// This program under the name of kubectl: responds like a cluster with a given number of runners, emits the events of
/// a scenario, and writes the time of each event to a file.
struct FakeKubectl {
  private let environment: [String: String]
  private let out: FakeOutput

  private init(_ environment: [String: String], _ out: FakeOutput) {
    (self.environment, self.out) = (environment, out)
  }

  static func run(_ arguments: [String], _ environment: [String: String]) -> Never {
    signal(SIGPIPE, SIG_IGN)
    if arguments.contains("--client") {
      print(#"{"clientVersion":{"gitVersion":"v1.36.1"}}"#)
      exit(0)
    }
    let socket = arguments.first { $0.hasPrefix("--unix-socket=") }?.dropFirst("--unix-socket=".count)
    if arguments.first == "proxy", let socket, environment["BENCH_NO_PROXY"] == nil {
      FakeProxy.serve(at: String(socket)) { path, out in try FakeKubectl(environment, out).answer(path) }
    }
    guard let path = arguments.first(where: { $0.hasPrefix("/") }) else {
      FileHandle.standardError.write(Data("error: unknown command \"\(arguments.first ?? "")\" for \"kubectl\"\n".utf8))
      exit(1)
    }
    try? FakeKubectl(environment, FakeOutput(1, isChunked: false)).answer(path)
    exit(0)
  }

  /// Returns at the end of the response; some responses never end.
  ///
  /// - Throws: if the reader has closed the connection.
  private func answer(_ path: String) throws {
    if path == "/version" {
      try write(#"{"major":"1","minor":"36","gitVersion":"v1.36.1"}"#)
    } else if path.hasPrefix("/readyz") {
      try write("ok")
    } else if path.contains("/log?") {
      try log()
    } else if path.contains("watch=1") {
      try watch(path)
    } else {
      try write(#"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[]}"# + "\n")
    }
  }

  private func write(_ text: String) throws { try out.write(text) }

  private func number(_ name: String) -> Int { environment[name].flatMap(Int.init) ?? 0 }

  private func watch(_ path: String) throws {
    let count = number("BENCH_RUNNERS")
    switch path {
    case _ where path.contains("/pods"):
      for index in 0..<count { try write(FakeObjects.added(FakeObjects.pod(index))) }
      try write(FakeObjects.listEnd)
      try churn(count, isPods: true)
    case _ where path.contains("/ephemeralrunners"):
      for index in 0..<count {
        try write(FakeObjects.added(FakeObjects.runner(index, job: FakeObjects.job(of: index))))
      }
      try write(FakeObjects.listEnd)
      if let marks = environment["BENCH_MARKS"] { try emitMarks(marks) }
      try churn(count, isPods: false)
    case _ where path.contains("/autoscalingrunnersets"):
      try write(FakeObjects.added(FakeObjects.scaleSet) + FakeObjects.listEnd)
    case _ where path.contains("/deployments"):
      try write(FakeObjects.added(FakeObjects.deployment) + FakeObjects.listEnd)
    default: try write(FakeObjects.listEnd)
    }
    while true {
      try out.wait(seconds: 55)
      // Like a real server, about once a minute.
      try write(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}"# + "\n")
    }
  }

  /// Periodically gives the first runner another job and records the time. The job's name consists of eight letters
  /// that all change, so that all of it is written to the screen. For a letter repeated eight times, many terminals
  /// would receive a repeat command.
  private func emitMarks(_ file: String) throws {
    let number = number("BENCH_MARK_COUNT")
    // Let the screen settle first.
    usleep(1_500_000)
    let out = FileHandle(forWritingAtPath: file)
    for mark in 0..<number {
      usleep(UInt32(90_000 + (mark * 7919) % 60_000))
      let event = FakeObjects.modified(FakeObjects.runner(0, job: Self.markText(mark), version: mark + 2))
      let time = Clock.now()
      try write(event)
      out?.write(Data("\(mark) \(time)\n".utf8))
    }
  }

  static func markText(_ mark: Int) -> String {
    String((0..<8).map { Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8((mark + $0) % 26))) })
  }

  /// Creates, uses and deletes runners, with a given number of events per second for both kinds together.
  private func churn(_ count: Int, isPods: Bool) throws {
    let rate = number("BENCH_RATE")
    guard rate > 0, count > 0 else { return }
    usleep(1_000_000)
    var version = 1000
    let replaces = environment["BENCH_REPLACES"] != nil
    while true {
      usleep(UInt32(2_000_000 / rate))
      version += 1
      let index = (version * 131) % count
      if replaces {
        // The whole life of a runner: the old one is deleted, and a new one is created.
        let (old, new) = (count + version - 1001, count + version - 1000)
        if isPods {
          try write(FakeObjects.deleted(FakeObjects.pod(old)) + FakeObjects.added(FakeObjects.pod(new)))
        } else {
          try write(
            FakeObjects.deleted(FakeObjects.runner(old, job: nil))
              + FakeObjects.added(FakeObjects.runner(new, job: "build \(version)", version: version)))
        }
      } else if isPods {
        try write(FakeObjects.modified(FakeObjects.pod(index, version: version)))
      } else {
        try write(
          FakeObjects.modified(
            FakeObjects.runner(index, job: version % 3 == 0 ? nil : "build \(version)", version: version)))
      }
    }
  }

  /// Writes a log with a given number of lines per second, in a hundred parts per second.
  private func log() throws {
    let rate = number("BENCH_LOG_RATE")
    var line = 0
    let start = Clock.now()
    while rate > 0 {
      usleep(10_000)
      // As many as the elapsed time requires.
      let wanted = Int((Clock.now() - start) / 1_000_000) * rate / 1000
      var text = ""
      let stamp = Clock.stamp()
      while line < wanted {
        line += 1
        text +=
          "\(stamp) \u{1B}[32m[\(line)]\u{1B}[0m compiling module number \(line) of the program, with flags -O2 -g\n"
      }
      try write(text)
    }
    try write("2026-11-24T12:00:05.123456789Z Listening for Jobs\n")
    while true { try out.wait(seconds: 3600) }
  }
}

enum Clock {
  /// The current time in the API's format.
  static func stamp() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var date = tm()
    gmtime_r(&time.tv_sec, &date)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &date)
    let fraction = String(time.tv_nsec)
    return String(cString: text) + "." + String(repeating: "0", count: 9 - fraction.count) + fraction + "Z"
  }

  /// Monotonic nanoseconds, the same for all processes.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
