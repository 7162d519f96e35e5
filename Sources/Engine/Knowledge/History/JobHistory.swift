import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The recorded jobs on disk: a JSON line for each new fact about one. Lines are only appended, by any number of
/// programs, and the lines of a job are merged when they are read. When the file is full, its older part moves to a
/// file per month (`history/2026-11.jsonl`), one line per job. Nothing is dropped except whole months once all of them
/// exceed `totalLimit`. docs/decisions/002-history-as-lines.md has the reasons.
package struct JobHistory: Sendable {
  /// The file with the latest facts.
  package let path: String
  /// The size in bytes at which the older part moves. Earlier versions of deskrun drop jobs of a file larger than 8 MB,
  /// and all of one larger than 16 MB.
  var fileLimit = 2 << 20
  /// Bytes that remain after moving.
  package var rest = 512 << 10
  /// Maximum size of all months in bytes. A job has about 250.
  package var totalLimit = 256 << 20

  /// How often to try the lock; see `HistoryLock`.
  var lockTries = HistoryLock.tries

  /// Stores jobs in this file and in a folder next to it.
  package init(path: String) { self.path = path }

  /// The folder with the months.
  package var folder: String { path.hasSuffix(".jsonl") ? String(path.dropLast(6)) : path + ".d" }

  /// The files of months, oldest first, then those of jobs without any time.
  var months: [String] { DirectoryTree.names(in: folder).filter { $0.hasSuffix(".jsonl") && $0 != Self.unreadable } }

  private static let undated = "undated.jsonl"
  private static let unreadable = "unreadable.jsonl"

  /// The file name for the month of a moment.
  static func month(_ seconds: Int64) -> String { "\(Timestamp.text(seconds).prefix(7)).jsonl" }

  /// The files with facts since a moment, in the order in which to read them.
  ///
  /// The newest file is opened first: what moves out of it meanwhile is then read twice, not missed.
  package func files(since: Int64? = nil) -> [HistoryFile] {
    let newest = HistoryFile(path)
    let wanted = since.map { Self.month(max(0, $0)) }
    let older = months.filter { name in wanted.map { name >= $0 } ?? true }
    return older.compactMap { HistoryFile("\(folder)/\($0)") } + [newest].compactMap { $0 }
  }

  /// All stored jobs, oldest first. Damaged lines are ignored. `select` uses less memory.
  package func load() -> [JobRecord] {
    var all = JobCollection()
    for file in files() { file.lines { line, _ in all.add(line) } }
    return all.records
  }

  /// The newest jobs, at least two thousand if that many exist, for long-running programs that show the newest.
  package func recent() -> [JobRecord] {
    let newest = HistoryFile(path)
    var all = JobCollection()
    func read(_ file: HistoryFile?) {
      guard let file else { return }
      let start = file.size > 2 << 20 ? file.nextLine(after: file.size - 2 << 20) : 0
      file.lines(from: start) { line, _ in all.add(line) }
    }
    read(newest)
    for name in months.reversed() where name != Self.undated {
      if all.count >= JobLog.limit { break }
      read(HistoryFile("\(folder)/\(name)"))
    }
    return all.records
  }

  /// Adds facts about jobs.
  ///
  /// - Throws: `EngineError` if they cannot be written.
  package func append(_ records: [JobRecord]) throws(EngineError) {
    guard !records.isEmpty else { return }
    do {
      try FileIO.makePrivateFolder(FileIO.split(path).folder)
      // The lock is a separate file: this one is replaced when it is full.
      let lock = try HistoryLock.take(path + ".lock", tries: lockTries)
      defer { close(lock) }
      let size = try HistoryFile.append(records.flatMap { Array($0.line.utf8) }, to: path)
      if size > fileLimit { try moveOlder() }
    } catch {
      throw EngineError(
        .failed, "The history of jobs cannot be written", why: "\(path): \(error.reason)",
        fix: error.isForSpace
          ? LogArchive.spaceFix : "Make the file writable for you")
    }
  }

  /// Moves all but the newest lines to the files of their months. A line is synced to the month's file before it is
  /// removed from this one; after an interruption it is in both, and reading merges them.
  private func moveOlder() throws(FileIO.Failure) {
    guard let file = HistoryFile(path) else { return }
    let cut = file.nextLine(after: max(0, file.size - rest))
    try FileIO.makePrivateFolder(folder)
    var sizes: [String: Int64] = [:]
    do throws(FileIO.Failure) {
      // In parts: an earlier version may have left a file of any size.
      var start = 0
      while start < cut {
        let end = min(cut, file.nextLine(after: min(cut, start + 4 << 20) - 1))
        try moveOlder(file, start, end, &sizes)
        start = end
      }
      try FileIO.replace(path, with: file.read(at: cut, count: file.size - cut))
    } catch {
      // The next job tries again from the start.
      for (name, size) in sizes { truncate("\(folder)/\(name)", off_t(size)) }
      throw error
    }
    dropOldest()
  }

  /// - Parameter sizes: receives the original size of each file that is written to.
  private func moveOlder(
    _ file: HistoryFile, _ start: Int, _ end: Int, _ sizes: inout [String: Int64]
  ) throws(FileIO.Failure) {
    var jobs = JobCollection()
    var parts: [String: [UInt8]] = [:]
    file.lines(from: start, to: end) { line, _ in
      if !jobs.add(line) { parts[Self.unreadable, default: []] += line + [0x0A] }
    }
    for record in jobs.records {
      let name = record.latest > 0 ? Self.month(record.latest) : Self.undated
      parts[name, default: []] += Array(record.line.utf8)
    }
    for (name, bytes) in parts.sorted(by: { $0.key < $1.key }) {
      if sizes[name] == nil { sizes[name] = Int64(HistoryFile("\(folder)/\(name)")?.size ?? 0) }
      try HistoryFile.append(bytes, to: "\(folder)/\(name)", synced: true)
    }
  }

  /// Deletes the oldest months until the others are within the limit, but never the newest. By size, not by age: a
  /// wrong clock must not make all of them too old.
  private func dropOldest() {
    var sizes = months.map { (name: $0, size: HistoryFile("\(folder)/\($0)")?.size ?? 0) }
    while sizes.count > 1, sizes.reduce(0, { $0 + $1.size }) > totalLimit {
      unlink("\(folder)/\(sizes.removeFirst().name)")
    }
  }
}

/// Jobs merged from lines.
struct JobCollection {
  private var found: [String: JobRecord] = [:]

  package var count: Int { found.count }

  /// Oldest first.
  package var records: [JobRecord] {
    // A record is large: places are sorted, and each record is copied once.
    let all = Array(found.values)
    let times = all.map(\.latest)
    return all.indices.sorted { one, other in
      times[one] == times[other] ? all[one].runner < all[other].runner : times[one] < times[other]
    }.map { all[$0] }
  }

  /// Adds a line.
  ///
  /// - Returns: whether it describes a job.
  @discardableResult
  package mutating func add(_ line: ArraySlice<UInt8>) -> Bool {
    guard let record = try? JSONScanner.scan(line, { JobRecord(&$0) }), !record.runner.isEmpty else { return false }
    found[record.runner] = found[record.runner]?.merged(with: record) ?? record
    return true
  }
}
