import Basics
import Synchronization
import Tools

/// A `kubectl proxy` with its socket.
final class ProxyProcess: Sendable {
  /// The outcome of a start.
  enum Start: Sendable {
    /// It serves.
    case serves(ProxyProcess)
    /// It ended before that.
    case ended(ToolCall, ToolResult)
    /// It printed nothing for too long and was stopped.
    case silent
  }

  /// The time limit for kubectl to report that it serves; it needs some 40 ms.
  private static let patience: Duration = .seconds(20)
  /// The start of that report.
  private static let word = "Starting to serve on"

  let folder: SocketFolder
  /// The kubeconfig it read.
  let stamp: FileStamp
  /// When it started to serve.
  let started = ContinuousClock.now
  private let task: Task<Void, Never>
  private let ended: Flag

  private init(folder: SocketFolder, stamp: FileStamp, task: Task<Void, Never>, ended: Flag) {
    (self.folder, self.stamp, self.task, self.ended) = (folder, stamp, task, ended)
  }

  private final class Flag: Sendable {
    let isSet = Lock(false)
  }

  /// Whether the process has ended.
  var hasEnded: Bool { ended.isSet.withLock { $0 } }

  /// Starts a proxy, and returns when it serves or has failed.
  ///
  /// - Throws: `EngineError` if kubectl cannot be started, `CancellationError`.
  static func start(
    _ kubectl: Kubectl, in folder: SocketFolder, stays: Bool, appendsServerPath: Bool
  ) async throws -> Start {
    let call = kubectl.proxy(
      socket: folder.socket, acceptedPaths: ProxyPaths.expressions, appendsServerPath: appendsServerPath,
      isFrugal: stays)
    let stamp = FileStamp(of: kubectl.configurationFiles)
    let (news, sink) = AsyncStream.makeStream(of: News.self)
    let flag = Flag()
    let task = Task {
      let said = Lock<[UInt8]>([])
      do {
        let result = try await kubectl.serve(call) { bytes in
          let serves = said.withLock { said in
            // Output after that report is ignored.
            guard said.count < 4096 else { return false }
            said += bytes
            return String(decoding: said, as: UTF8.self).contains(Self.word)
          }
          if serves { sink.yield(.serves) }
        }
        flag.isSet.withLock { $0 = true }
        sink.yield(.ended(.success(result)))
      } catch {
        flag.isSet.withLock { $0 = true }
        sink.yield(.ended(.failure(error)))
      }
      sink.finish()
    }
    let timer = Task {
      try await Task.sleep(for: patience)
      sink.yield(.silence)
    }
    defer { timer.cancel() }
    let first = await withTaskCancellationHandler {
      await news.first { _ in true }
    } onCancel: {
      task.cancel()
    }
    switch first {
    case .serves: return .serves(ProxyProcess(folder: folder, stamp: stamp, task: task, ended: flag))
    case .ended(let result): return .ended(call, try result.get())
    case .silence, nil:
      task.cancel()
      await task.value
      try Task.checkCancellation()
      return .silent
    }
  }

  private enum News: Sendable {
    case serves
    case ended(Result<ToolResult, any Error>)
    case silence
  }

  /// Ends it and deletes its folder; returns when both are done.
  func end() async {
    task.cancel()
    await task.value
    folder.remove()
  }
}
