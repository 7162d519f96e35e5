import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A terminal that accepts no output does not block the program. A pipe without a reader behaves the same.
@Suite struct TerminalWriterTests {
  @Test func `what is not taken is kept in order and the writer does not wait`() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let writer = TerminalWriter(descriptor: ends[1])
    let text = (0..<400_000).map { UInt8($0 % 251) }
    writer.write(Array(text[..<300_000]))
    #expect(writer.isStalled)
    writer.write(Array(text[300_000...]))
    var got: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 10_000)
    while writer.isStalled {
      let count = read(ends[0], &chunk, chunk.count)
      if count > 0 { got += chunk[..<count] }
      writer.goOn()
    }
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 { got += chunk[..<count] }
    #expect(got == text)
    // Without a reader, it gives up.
    writer.write(text)
    writer.finish(reset: [1])
    #expect(!writer.isStalled)
  }

  @Test func `a terminal that is gone takes everything`() throws {
    let writer = TerminalWriter(descriptor: -1)
    writer.write([1, 2, 3])
    #expect(!writer.isStalled)
    writer.finish(reset: [1])
  }
}
