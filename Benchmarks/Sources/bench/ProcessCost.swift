import Foundation

/// The resources that a process, without its children, has used so far. Only measured on Linux, from /proc.
struct ProcessCost {
  /// CPU time in nanoseconds.
  var cpu: Double = 0
  /// The number of voluntary sleeps, by thread.
  private var wakeups: [String: Double] = [:]
  /// The current and the peak resident memory in megabytes.
  var resident: Double = 0
  var peak: Double = 0
  var descriptors = 0

  init(_ process: Int32) {
    let tasks = "/proc/\(process)/task"
    for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
      wakeups[task] = Self.field("voluntary_ctxt_switches", "\(tasks)/\(task)/status")
    }
    cpu = Self.cpu(of: process)
    resident = Self.field("VmRSS", "/proc/\(process)/status") / 1024
    peak = Self.field("VmHWM", "/proc/\(process)/status") / 1024
    descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
  }

  /// The wakeups since an earlier measurement, without threads that have ended meanwhile.
  func wakeups(since before: ProcessCost) -> Double {
    wakeups.reduce(0) { $0 + $1.value - (before.wakeups[$1.key] ?? 0) }
  }

  /// The CPU clock of another process, which includes its ended threads (see clock_getcpuclockid(3)).
  private static func cpu(of process: Int32) -> Double {
    #if os(Linux)
    var time = timespec()
    guard clock_gettime(clockid_t(~process << 3 | 2), &time) == 0 else { return .nan }
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    #else
    return .nan
    #endif
  }

  /// The proportional memory (PSS) of a process in megabytes; NaN if it may not be read.
  static func proportional(of process: Int32) -> Double {
    let file = "/proc/\(process)/smaps_rollup"
    return FileManager.default.isReadableFile(atPath: file) ? field("Pss", file) / 1024 : .nan
  }

  private static func field(_ name: String, _ file: String) -> Double {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return 0 }
    for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
      return line.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first.flatMap { Double($0) } ?? 0
    }
    return 0
  }

  /// Whether a process exists and is not a zombie.
  static func isAlive(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return !text.contains(") Z ")
  }

  /// The child processes.
  static func children(of process: Int32) -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter { child in
      guard let text = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { return false }
      let cells = text[text.index(after: end)...].split(separator: " ")
      return cells.count > 1 && Int32(cells[1]) == process
    }
  }
}

/// The resources used by a process and its running descendants.
struct TreeCost {
  private var cpu: [Int32: Double] = [:]
  var resident = 0.0
  /// See `ProcessCost.proportional`.
  var proportional = 0.0
  var processes: Int { cpu.count }

  init(_ root: Int32) {
    var waiting = [root]
    while let process = waiting.popLast() {
      let cost = ProcessCost(process)
      cpu[process] = cost.cpu
      resident += cost.resident
      proportional += ProcessCost.proportional(of: process)
      waiting += ProcessCost.children(of: process)
    }
  }

  /// The CPU nanoseconds since an earlier measurement, of processes that still exist.
  func cpu(since before: TreeCost) -> Double {
    cpu.reduce(0) { $0 + $1.value - (before.cpu[$1.key] ?? 0) }
  }
}
