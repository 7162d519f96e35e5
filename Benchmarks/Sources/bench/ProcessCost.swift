import Foundation

/// What a process, without its children, has cost so far. Linux tells it in /proc; elsewhere nothing is measured.
struct ProcessCost {
  /// Nanoseconds of a core.
  var cpu: Double = 0
  /// Times each of its threads went to sleep of itself and was woken.
  private var wakeups: [String: Double] = [:]
  /// Megabytes that are resident now, and were at most.
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

  /// Wakeups since an earlier look, those of threads that have ended meanwhile left out.
  func wakeups(since before: ProcessCost) -> Double {
    wakeups.reduce(0) { $0 + $1.value - (before.wakeups[$1.key] ?? 0) }
  }

  /// The clock of another process, which counts its ended threads too (clock_getcpuclockid(3) makes it so).
  private static func cpu(of process: Int32) -> Double {
    #if os(Linux)
    var time = timespec()
    guard clock_gettime(clockid_t(~process << 3 | 2), &time) == 0 else { return .nan }
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    #else
    return .nan
    #endif
  }

  /// Megabytes of a process, what it shares with others counted in parts; not a number where that may not be read.
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

  /// Whether a process is there and has not ended.
  static func isAlive(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return !text.contains(") Z ")
  }

  /// The processes whose parent this is.
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

/// What a process has cost together with all that it started and that is there.
struct TreeCost {
  private var cpu: [Int32: Double] = [:]
  var resident = 0.0
  /// As `ProcessCost.proportional`.
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

  /// Nanoseconds of a core since an earlier look, by processes that are there.
  func cpu(since before: TreeCost) -> Double {
    cpu.reduce(0) { $0 + $1.value - (before.cpu[$1.key] ?? 0) }
  }
}
