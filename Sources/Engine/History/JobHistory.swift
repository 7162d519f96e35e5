#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The jobs that were seen, on disk: a line of JSON for each thing that was learned of one. Lines are only appended, by
/// as many programs as there are, and what they say of one job is merged when they are read. When the file is full,
/// whoever notices writes it anew with the newest jobs.
public struct JobHistory: Sendable {
  /// The file.
  public let path: String
  /// Bytes at which the file is written anew.
  public var fileLimit: Int64 = 8 << 20
  /// Jobs that are kept then.
  public var jobLimit = 10_000

  /// Keeps jobs in this file.
  public init(path: String) { self.path = path }

  /// All jobs that are kept, the oldest first. Lines that are damaged are left out.
  public func load() -> [JobRecord] {
    guard let bytes = try? FileIO.read(path) else { return [] }
    return Self.records(bytes)
  }

  /// The newest jobs, as many as stand in the last two megabytes: some thousands. For who shows the newest and runs all
  /// day.
  public func recent() -> [JobRecord] {
    guard let descriptor = (try? FileIO.openFile(path)) ?? nil else { return [] }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - (2 << 20))
    var bytes = [UInt8](repeating: 0, count: size - start)
    var have = 0
    while have < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: have), $0.count - have, off_t(start + have))
      }
      guard count > 0 else { break }
      have += count
    }
    let whole = start > 0 ? bytes[..<have].firstIndex(of: 0x0A).map { $0 + 1 } ?? have : 0
    return Self.records(Array(bytes[whole..<have]))
  }

  static func records(_ bytes: [UInt8]) -> [JobRecord] {
    var found: [String: JobRecord] = [:]
    var order: [String] = []
    for line in bytes.split(separator: 0x0A) {
      guard let record = try? JSONScanner.scan(line, { JobRecord(&$0) }), !record.runner.isEmpty else { continue }
      if let known = found[record.runner] {
        found[record.runner] = known.merged(with: record)
      } else {
        found[record.runner] = record
        order.append(record.runner)
      }
    }
    return order.compactMap { found[$0] }.sorted { ($0.latest, $0.runner) < ($1.latest, $1.runner) }
  }

  /// Adds what was learned.
  ///
  /// - Throws: `EngineError` when it cannot be written.
  public func append(_ records: [JobRecord]) throws(EngineError) {
    guard !records.isEmpty else { return }
    do {
      try FileIO.makePrivateFolder(FileIO.split(path).folder)
    } catch {
      throw problem(error.code, error.explanation)
    }
    // The lock is another file: this one is replaced when it is full.
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw problem(errno) }
    defer { close(lock) }
    try take(lock)
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw problem(errno) }
    defer { close(descriptor) }
    if let kind = FileIO.specialKind(descriptor) { throw problem(EINVAL, "it is \(kind), not a regular file") }
    let size = Int64(lseek(descriptor, 0, SEEK_END))
    var bytes: [UInt8] = []
    // Somebody was stopped in the middle of a line.
    var last: UInt8 = 0x0A
    if size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != 0x0A { bytes.append(0x0A) }
    for record in records { bytes += Array(record.line.utf8) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw problem(errno) }
      done += count
    }
    if size + Int64(bytes.count) > fileLimit { try shorten() }
  }

  /// Others hold it for moments, unless one was stopped just then: that must not stop everybody else for ever.
  private func take(_ lock: Int32) throws(EngineError) {
    for _ in 0..<500 {
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EINTR || errno == EWOULDBLOCK else { throw problem(errno) }
      usleep(10_000)
    }
    throw problem(EWOULDBLOCK, "another deskrun holds \(path).lock and does not finish")
  }

  private func shorten() throws(EngineError) {
    var kept = load().suffix(jobLimit)
    var text = kept.map(\.line).joined()
    // Half full afterwards, so that this is seldom done.
    while text.utf8.count > fileLimit / 2, kept.count > 1 {
      kept = kept.suffix(kept.count / 2)
      text = kept.map(\.line).joined()
    }
    do { try FileIO.replace(path, with: Array(text.utf8)) } catch { throw problem(error.code) }
  }

  private func problem(_ code: Int32, _ explanation: String? = nil) -> EngineError {
    EngineError(
      .failed, "The history of jobs cannot be written",
      why: "\(path): \(explanation ?? String(cString: strerror(code)))",
      fix: "Make the file writable for you, and see whether the disk is full")
  }
}
