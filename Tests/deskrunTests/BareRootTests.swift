import Foundation
import Testing

/// The release in an otherwise empty root. The tests' own build is not a release, so this needs one that was built
/// before.
@Suite(.ownThreads) struct BareRootTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL.path
  private static let release =
    ProcessInfo.processInfo.environment["DESKRUN_RELEASE"] ?? package + "/.build/release/deskrun"

  /// Why the test cannot run; nil if it can.
  private static let obstacle: String? = {
    guard FileManager.default.isExecutableFile(atPath: release) else { return "no release is built (make build)" }
    guard let bytes = FileManager.default.contents(atPath: release) else { return "the release cannot be read" }
    return asksForLinker([UInt8](bytes)) ? "the release is not a static executable" : nil
  }()

  /// Whether a 64-bit ELF file names a dynamic linker (PT_INTERP).
  private static func asksForLinker(_ file: [UInt8]) -> Bool {
    func number(_ at: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { at + $1 < file.count ? $0 | Int(file[at + $1]) << (8 * $1) : $0 }
    }
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2))
    return (0..<count).contains { number(table + $0 * size, 4) == 3 }
  }

  @Test(.enabled(if: obstacle == nil, "\(obstacle ?? "")"))
  func `the release runs with nothing else in the root file system`() throws {
    let outcome = try DeskrunBinary.tool("/bin/sh", [Self.package + "/Scripts/try-in-bare-root", Self.release])
    guard outcome.status != 77 else {
      print(outcome.errors)
      return
    }
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
