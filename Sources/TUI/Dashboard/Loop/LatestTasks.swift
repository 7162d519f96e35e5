/// Tasks with unique names: a new task replaces the one with the same name, so only the newest result is delivered.
final class LatestTasks {
  private var tasks: [String: Task<Void, Never>] = [:]

  func replace(_ name: String, after delay: Duration? = nil, _ body: @escaping @Sendable () async -> Void) {
    tasks[name]?.cancel()
    tasks[name] = Task {
      if let delay { try? await Task.sleep(for: delay) }
      if !Task.isCancelled { await body() }
    }
  }

  var all: [Task<Void, Never>] { Array(tasks.values) }
}
