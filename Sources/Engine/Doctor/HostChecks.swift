#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What `doctor` looks at on this computer itself. The judgements are pure; reading the values is apart from them.
enum HostChecks {
  /// What kind's nodes need on Linux: with the defaults of most distributions pods fail with "too many open files"
  /// (kind's documentation, "Known issues").
  static let wantedWatches = 524_288
  static let wantedInstances = 512

  static func inotify(watches: Int?, instances: Int?) -> DoctorCheck {
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

  static func disk(path: String, freeBytes: Int64, totalBytes: Int64) -> DoctorCheck {
    let title = "disk"
    let finding = "\(gibibytes(freeBytes)) free of \(gibibytes(totalBytes)) at \(path)"
    let fix = "Make room (`docker system prune`, `deskrun cache list`): Kubernetes evicts pods when its disk runs low"
    // The kubelet evicts below 10 % or 15 % free (its defaults for nodefs and imagefs).
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

  /// Room on the file system that holds Docker's data when it can be seen, else on the root.
  static func readDisk() -> (path: String, free: Int64, total: Int64)? {
    for path in ["/var/lib/docker", "/"] {
      var info = statvfs()
      guard statvfs(path, &info) == 0, info.f_blocks > 0 else { continue }
      let unit = Int64(info.f_frsize)
      return (path, Int64(info.f_bavail) * unit, Int64(info.f_blocks) * unit)
    }
    return nil
  }
}
