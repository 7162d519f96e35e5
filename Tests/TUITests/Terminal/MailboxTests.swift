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

/// What wakes the screen's thread, and what it then finds.
@Suite struct MailboxTests {
  private func wakes(_ mailbox: Mailbox<Int>, within milliseconds: Int32 = 0) -> Bool {
    var wait = mailbox.wait
    return poll(&wait, 1, milliseconds) > 0
  }

  /// A message that arrives after a read wakes again: taking the byte takes all messages.
  @Test func `no look takes the wake-up of a message that it leaves`() throws {
    let mailbox = try #require(Mailbox<Int>())
    #expect(!wakes(mailbox))
    mailbox.post(1)
    #expect(wakes(mailbox))
    var byte = UInt8(SIGCONT)
    #expect(write(mailbox.writer, &byte, 1) == 1)
    mailbox.post(2)
    let post = mailbox.take()
    #expect(post.signals == [SIGCONT] && post.messages == [1, 2])
    #expect(!wakes(mailbox))
    mailbox.post(3)
    #expect(wakes(mailbox))
    #expect(mailbox.take().messages == [3])
  }

  @Test func `however threads post, everything arrives and the last one wakes`() async throws {
    let mailbox = try #require(Mailbox<Int>())
    let count = 4000
    await withTaskGroup(of: Void.self) { group in
      for start in 0..<4 { group.addTask { for number in 0..<count { mailbox.post(start * count + number) } } }
      group.addTask {
        var seen = Set<Int>()
        while seen.count < 4 * count {
          guard self.wakes(mailbox, within: 10_000) else { break }
          seen.formUnion(mailbox.take().messages)
        }
        #expect(seen.count == 4 * count)
      }
    }
  }

  @Test func `more signals than the pipe holds do not block, and messages still wake`() throws {
    let mailbox = try #require(Mailbox<Int>())
    var byte = UInt8(SIGWINCH)
    while write(mailbox.writer, &byte, 1) == 1 {}
    mailbox.post(7)
    let post = mailbox.take()
    #expect(post.messages == [7] && !post.signals.isEmpty)
    #expect(!wakes(mailbox))
    mailbox.post(8)
    #expect(wakes(mailbox))
  }
}
