import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun doctor`.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check everything runners need: tools, Docker, limits, disk, cluster, controller, credentials.",
    discussion: """
      EXAMPLES:
          deskrun doctor
          deskrun doctor -o json

      Says for each whether it is there, in which version, and what to do if not. Changes nothing. Ends with status 1 when \
      something is in the way.
      """)

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let doctor = Engine.Doctor(toolbox: session.toolbox, store: session.store, credentials: session.unattended)
    let invocation = session.console.invocation
    let checks = try await doctor.examine().map { invocation.completing($0) }
    try DoctorReport.listing(checks).write(output.form, to: session.console)
    if checks.contains(where: { $0.verdict == .bad }) { throw ExitCode(ExitStatus.failed.rawValue) }
  }
}
