import Foundation

/// Measures deskrun. `bench --deskrun PATH [--quick] [--save FILE] [--base FILE] [--only PART]`
@main
enum Bench {
  static func main() throws {
    var arguments = CommandLine.arguments
    let program = arguments.removeFirst()
    if program.hasSuffix("/kubectl") { FakeKubectl.run(arguments, ProcessInfo.processInfo.environment) }
    func value(_ option: String) -> String? {
      arguments.firstIndex(of: option).flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
    }
    if let size = value("--memory").flatMap({ Int($0) }) { return Micro.memory(size) }
    guard let deskrun = value("--deskrun") else {
      let parts = (["micro", "terminal"] + Scenarios.names).joined(separator: "|")
      print("bench --deskrun PATH [--quick] [--save FILE] [--base FILE] [--only \(parts)]")
      exit(64)
    }
    let isQuick = arguments.contains("--quick")
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let folder = NSTemporaryDirectory() + "/deskrun-bench-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder + "/home", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createSymbolicLink(atPath: folder + "/kubectl", withDestinationPath: own)

    var report = try Report(base: value("--base"))
    Report.say("load of the machine: \(load()), \(ProcessInfo.processInfo.activeProcessorCount) cores")
    let only = value("--only")
    if only == nil || only == "micro" {
      try Micro(sizes: isQuick ? [200, 5000] : [200, 1000, 5000, 20_000]).run(&report)
      report.heading("Memory that runners take")
      for size in isQuick ? [5000] : [200, 1000, 5000, 20_000] {
        report.add("\(size) runners: at most", try memory(size, own), "MB")
      }
    }
    if only != "micro" {
      try Scenarios(deskrun: deskrun, kubectl: folder + "/kubectl", folder: folder, isQuick: isQuick)
        .run(&report, only: only == "terminal" ? nil : only)
    }
    Report.say("\nload of the machine: \(load())")
    if let file = value("--save") { try report.save(to: file) }
    exit(report.summary() ? 0 : 1)
  }

  private static func load() -> String {
    (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)).map {
      $0.split(separator: " ").prefix(3).joined(separator: " ")
    } ?? "unknown"
  }

  private static func memory(_ size: Int, _ own: String) throws -> Double {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: own)
    process.arguments = ["--memory", String(size)]
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan
  }
}
