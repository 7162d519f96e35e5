#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The program's own code in memory.
package enum ProgramText {
  /// Gives back the pages of code that only the start needed. What is called again comes back from the file, which is
  /// in the system's cache: of 11 MB of code that a start touches, or that the system reads ahead beside it, a
  /// dashboard at work uses less than 5.
  ///
  /// Only mappings that can be executed and not written are given back: they are as the file has them, always.
  package static func giveBackWhatStarted() {
    #if os(Linux)
    guard let program = path(of: "/proc/self/exe"), let maps = try? FileIO.read("/proc/self/maps") else { return }
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
      // 55e0c0a00000-55e0c1600000 r-xp 00200000 fd:01 1234    /usr/bin/deskrun
      let fields = line.split(separator: " ", maxSplits: 5)
      guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }) == program else { continue }
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard ends.count == 2, ends[0] < ends[1], let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else {
        continue
      }
      madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
    }
    #endif
  }

  private static func path(of link: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink(link, &bytes, bytes.count)
    guard count > 0, count < bytes.count else { return nil }
    return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
