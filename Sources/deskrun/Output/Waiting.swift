import Engine
import Synchronization

/// The description on the live line of what is awaited; it may change meanwhile.
package final class WaitingWords: Sendable {
  private let words: Lock<PrintableText>

  package init(_ words: PrintableText) { self.words = Lock(words) }

  package var text: PrintableText {
    get { words.withLock { $0 } }
    set { words.withLock { $0 = newValue } }
  }
}

extension Console {
  /// Runs something that may take a while before there is output. On a terminal, after a second, a line tells what is
  /// awaited and for how long.
  package func waiting<Result>(
    for words: WaitingWords, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    guard errors.canRewriteLines else { return try await body() }
    let start = ContinuousClock.now
    let ticker = Task {
      while (try? await Task.sleep(for: .seconds(1))) != nil {
        showLive([
          ("\(errorStyle.sign(.pending)) ", Mark.pending.role), (words.text, .plain),
          (" \(DurationText.short(start.duration(to: .now)))", .faint),
        ])
      }
    }
    do {
      let result = try await body()
      await stop(ticker)
      return result
    } catch {
      await stop(ticker)
      throw error
    }
  }

  private func stop(_ ticker: Task<Void, Never>, isolation: isolated (any Actor)? = #isolation) async {
    ticker.cancel()
    // Otherwise a line that it is about to show would stay.
    await ticker.value
    showLive(nil)
  }
}
