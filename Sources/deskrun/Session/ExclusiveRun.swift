import CommandOutput
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension Session {
  /// Runs a command that changes something, from reading the configuration to its end, while no other deskrun works on
  /// the same scope. A dry run changes nothing and does not wait.
  ///
  /// - Parameter verb: the command's name, shown to those who wait for it: `edit`.
  package func exclusively<R: Sendable>(
    _ verb: String, on scope: OperationScope, dryRun: Bool = false, _ body: () async throws -> R
  ) async throws -> R {
    guard !dryRun else { return try await body() }
    return try await deployer.exclusively(
      Self.title(verb, scope), on: scope, onWait: { tell("\(Self.waiting(for: $0))") }, body)
  }

  /// The command as shown to others that wait for it.
  static func title(_ verb: String, _ scope: OperationScope?) -> String {
    guard case .installation(let name)? = scope else { return "deskrun \(verb)" }
    return "deskrun \(verb) \(name)"
  }

  package static func waiting(for holders: [OperationHolder]) -> String {
    guard !holders.isEmpty else { return "waiting for another deskrun to finish" }
    let who = holders.map { holder in
      "\(Sanitizer.line(holder.title)) (process \(holder.process), since \(LocalClock.moment(holder.since)))"
    }
    return "waiting for \(who.joined(separator: ", ")) to finish"
  }

  /// An installation that was configured when the command started.
  ///
  /// - Throws: as `installation`, with another message if it was removed since then.
  package func installationStill(_ text: String) throws -> Installation {
    do {
      return try installation(text)
    } catch let error as EngineError where error.kind == .notFound {
      throw EngineError(
        .notFound, "The installation \(Sanitizer.line(text)) was removed meanwhile",
        fix: "Add it again with `deskrun add`, or leave it removed")
    }
  }
}
