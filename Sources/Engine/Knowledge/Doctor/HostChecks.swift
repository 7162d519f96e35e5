import Basics
import Installations

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Checks of `doctor` on this machine. The judgments are pure; reading the values is separate.
package enum HostChecks {
  /// What kind's nodes need on Linux: with the defaults of most distributions, pods fail with "too many open files"
  /// (kind's documentation, "Known issues").
  static let wantedWatches = 524_288
  static let wantedInstances = 512

  package static func inotify(watches: Int?, instances: Int?) -> DoctorCheck {
    let title = "inotify limits"
    guard let watches, let instances else {
      return DoctorCheck(id: "inotify", title: title, verdict: .unknown, finding: "this system has none")
    }
    let finding = "\(watches) watches, \(instances) instances"
    guard watches < wantedWatches || instances < wantedInstances else {
      return DoctorCheck(id: "inotify", title: title, verdict: .good, finding: finding)
    }
    return DoctorCheck(
      id: "inotify", title: title, verdict: .warning,
      finding: finding + "; pods may fail with \"too many open files\"",
      fix: "sudo sysctl fs.inotify.max_user_watches=\(wantedWatches) fs.inotify.max_user_instances=\(wantedInstances) "
        + "(and in /etc/sysctl.d to keep it)")
  }

  package static func disk(path: String, freeBytes: Int64, totalBytes: Int64) -> DoctorCheck {
    let title = "disk"
    let finding = "\(gibibytes(freeBytes)) free of \(gibibytes(totalBytes)) at \(path)"
    let fix = "Free space (`docker system prune`, `deskrun cache list`): Kubernetes evicts pods when its disk runs low"
    // The kubelet evicts pods below 10% or 15% of free space (its defaults for nodefs and imagefs).
    let share = totalBytes > 0 ? Double(freeBytes) / Double(totalBytes) : 1
    if freeBytes < 5 << 30 || share < 0.1 {
      return DoctorCheck(id: "disk", title: title, verdict: .bad, finding: finding, fix: fix)
    }
    if freeBytes < 20 << 30 || share < 0.15 {
      return DoctorCheck(id: "disk", title: title, verdict: .warning, finding: finding, fix: fix)
    }
    return DoctorCheck(id: "disk", title: title, verdict: .good, finding: finding)
  }

  private static func gibibytes(_ bytes: Int64) -> String { "\(bytes >> 30) GB" }

  static func readInotify() -> (watches: Int?, instances: Int?) {
    (readNumber("/proc/sys/fs/inotify/max_user_watches"), readNumber("/proc/sys/fs/inotify/max_user_instances"))
  }

  private static func readNumber(_ path: String) -> Int? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return Int(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  /// The space on the file system with Docker's data if it is visible, otherwise on the root file system.
  static func readDisk() -> (path: String, free: Int64, total: Int64)? {
    for path in ["/var/lib/docker", "/"] {
      var info = statvfs()
      guard statvfs(path, &info) == 0, info.f_blocks > 0 else { continue }
      return (path, bytes(info.f_bavail, info), bytes(info.f_blocks, info))
    }
    return nil
  }

  /// Checks the location of caches: a file system in memory loses them on reboot, and uses memory that jobs need.
  static func cachePlace(path: String, isInMemory: Bool, freeBytes: Int64, totalBytes: Int64) -> DoctorCheck {
    let title = "folder of the caches"
    if isInMemory {
      return DoctorCheck(
        id: "cache-place", title: title, verdict: .warning,
        finding: "\(path) is on tmpfs: it uses memory and is lost on reboot",
        fix: "Set DESKRUN_HOME or XDG_CACHE_HOME to a folder on a disk, then `deskrun down` and `deskrun up`")
    }
    let share = totalBytes > 0 ? Double(freeBytes) / Double(totalBytes) : 1
    if share < 0.05 || freeBytes < 2 << 30 {
      return DoctorCheck(
        id: "cache-place", title: title, verdict: .bad, finding: "\(gibibytes(freeBytes)) free at \(path)",
        fix: "Free space: `deskrun cache list` shows what caches take, `deskrun cache prune` deletes what nobody uses")
    }
    return DoctorCheck(
      id: "cache-place", title: title, verdict: .good,
      finding: "\(gibibytes(freeBytes)) free of \(gibibytes(totalBytes)) at \(path)")
  }

  /// Checks the folder of caches; nil if no caches are configured.
  static func readCachePlace(_ paths: Paths, _ configuration: Configuration) -> DoctorCheck? {
    guard configuration.installations.contains(where: { !$0.caches.isEmpty }) else { return nil }
    // The nearest existing folder.
    var path = paths.caches
    while !FileIO.exists(path), path.count > 1 { path = FileIO.split(path).folder }
    var info = statvfs()
    guard statvfs(path, &info) == 0, info.f_blocks > 0 else { return nil }
    return cachePlace(
      path: paths.caches, isInMemory: isInMemory(path), freeBytes: bytes(info.f_bavail, info),
      totalBytes: bytes(info.f_blocks, info))
  }

  /// A number of file system blocks in bytes. File systems that do not know their size report the largest number.
  package static func bytes(_ blocks: some BinaryInteger, _ info: statvfs) -> Int64 {
    Int64(clamping: blocks).timesClamped(Int64(clamping: info.f_frsize))
  }

  private static func isInMemory(_ path: String) -> Bool {
    #if os(Linux)
    guard let real = realpath(path, nil), let mounts = try? FileIO.read("/proc/self/mounts") else { return false }
    defer { free(real) }
    return isInMemory(String(cString: real), mounts: String(decoding: mounts, as: UTF8.self))
    #else
    return false
    #endif
  }

  /// Whether a path is on a file system in memory, according to a table like /proc/self/mounts.
  static func isInMemory(_ path: String, mounts: String) -> Bool {
    var found = (length: -1, type: "")
    for line in mounts.split(whereSeparator: \.isNewline) {
      let cells = line.split(separator: " ")
      guard cells.count > 2 else { continue }
      let place = cells[1].replacing("\\040", with: " ")
      let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
      // Of two mounts at the same place, the later one is visible.
      if isAbove, place.count >= found.length { found = (place.count, String(cells[2])) }
    }
    return ["tmpfs", "ramfs"].contains(found.type)
  }

  /// All checks of this machine.
  ///
  /// - Parameter environment: in the demo, which ignores this machine, it determines what is wrong.
  package static func all(
    paths: Paths, configuration: Configuration, isKind: Bool, environment: [String: String]
  ) -> [DoctorCheck] {
    if let simulation = environment[HostFacts.variable] {
      return simulated(HostFacts.wrong(simulation), paths: paths, configuration: configuration, isKind: isKind)
    }
    var checks: [DoctorCheck] = []
    if isKind {
      let limits = readInotify()
      checks.append(inotify(watches: limits.watches, instances: limits.instances))
      if let disk = readDisk() {
        checks.append(Self.disk(path: disk.path, freeBytes: disk.free, totalBytes: disk.total))
      }
    }
    if let place = readCachePlace(paths, configuration) { checks.append(place) }
    if isKind { checks += mountAccess(paths, configuration) }
    return checks
  }

  /// Folders and sockets of the user whose permissions do not allow jobs to use them.
  static func mountAccess(_ paths: Paths, _ configuration: Configuration) -> [DoctorCheck] {
    configuration.installations.flatMap { installation in
      FolderAccess.lacks(of: installation, cacheRoot: paths.caches).map { lack in
        DoctorCheck(
          id: "\(mountAccessID)\(installation.name)\(lack.path)", title: "mounts of \(installation.name)",
          verdict: .warning, finding: lack.finding, fix: lack.fix)
      }
    }
  }

  /// The prefix of the ids of those checks.
  static let mountAccessID = "mount-access/"

  /// The demo's simulated machine, with enough of everything except for what should be wrong.
  private static func simulated(
    _ wrong: String, paths: Paths, configuration: Configuration, isKind: Bool
  ) -> [DoctorCheck] {
    var checks: [DoctorCheck] = []
    if isKind {
      checks.append(
        wrong == "inotify"
          ? inotify(watches: 8192, instances: 128) : inotify(watches: wantedWatches, instances: wantedInstances))
      checks.append(
        disk(path: "/var/lib/docker", freeBytes: wrong == "disk" ? 3 << 30 : 120 << 30, totalBytes: 200 << 30))
    }
    if wrong == "cache-place" || configuration.installations.contains(where: { !$0.caches.isEmpty }) {
      checks.append(
        cachePlace(
          path: paths.caches, isInMemory: wrong == "cache-place", freeBytes: 80 << 30, totalBytes: 120 << 30))
    }
    return checks
  }
}

/// What the demo specifies about its simulated machine.
package enum HostFacts {
  /// The variable with what is wrong, or with the path of the demo's state, which is read each time: it may change
  /// while a dashboard is open. Only set in the demo.
  package static let variable = "DESKRUN_DEMO_HOST"

  /// The variable's value if nothing is wrong.
  package static let nothingWrong = "none"

  /// The finding rule that the simulated machine should trigger.
  static func wrong(_ value: String) -> String {
    guard value.hasPrefix("/") else { return value }
    let state = (try? FileIO.read(value)).flatMap { try? JSONValue(parsing: $0) }
    return state?["trouble"]?.stringValue ?? nothingWrong
  }
}
