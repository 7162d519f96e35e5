import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun doctor`.
struct Doctor: AsyncParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check everything runners need: tools, Docker, limits, disk, cluster, controller, credentials.",
    discussion: """
      EXAMPLES:
          deskrun doctor
          deskrun doctor -o json
        One text for a bug report, to be read before it is posted:
          deskrun doctor --report > report.md

      Prints for each whether it exists, its version, and the fix if it does not. Changes nothing. Exits with status 1 when \
      something keeps runners from working. --report prints versions, checks, settings, findings, the last errors of the cluster and \
      the end of the log file (--log-file), without secrets and with the names of user, computer, owners and \
      repositories replaced; it ends with status 0.
      """)

  @Flag(help: "Print one text to attach to a bug report instead.")
  var report = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if report, output.form != OutputForm() { throw ValidationError("--report is a text; leave out --output.") }
  }

  func run() async throws {
    let asked = try sessionForSeveral()
    var sessions = try asked.everywhere()
    if asked.isTargetGiven, !report {
      // One that does not answer is one of the checks.
      for index in sessions.indices { sessions[index] = try await sessions[index].joiningContexts().session }
    }
    let session = sessions.first ?? asked
    if report {
      // Read before this call writes to it.
      let tail = Self.end(of: session.toolbox.log)
      let text = try await session.waiting(for: "collecting the report") {
        try await BugReport(session, logTail: tail).text
      }
      return try session.console.write(PrintableText(lines: text))
    }
    if sessions.count > 1 { return try await run(on: sessions) }
    let doctor = session.doctor(session.toolbox)
    let invocation = session.console.invocation
    let checks = try await session.waiting(for: "checking this computer and the cluster") {
      try await doctor.examine().map { invocation.completing($0) }
    }
    try DoctorReport.listing([(session.target, checks)]).write(output.form, to: session.console)
    if checks.contains(where: { $0.verdict == .bad }) { throw ExitCode(ExitStatus.failed.rawValue) }
  }

  /// As above, for several clusters. Results that are the same for all of them, because they concern this computer, are
  /// shown once.
  private func run(on sessions: [Session]) async throws {
    let pairs = sessions.map { ($0, $0.toolbox) }
    let results = try await sessions[0].waiting(for: "checking this computer and the clusters") {
      try await SeveralClusters.each(pairs, limit: .seconds(60)) { session, toolbox in
        let doctor = session.doctor(toolbox)
        return try await doctor.examine().map { session.console.invocation.completing($0) }
      }
    }
    var shown: [DoctorCheck] = []
    var groups: [(target: ClusterTarget, checks: [DoctorCheck])] = []
    var titles: [String] = []
    for (session, result) in zip(sessions, results) {
      guard case .success(let checks) = result else { continue }
      groups.append((session.target, checks.filter { !($0.isOfComputer && shown.contains($0)) }))
      shown += checks
      titles.append(session.label)
    }
    if output.form.format == .table || output.form.format == .wide {
      for (index, (name, group)) in zip(titles, groups).enumerated() {
        let console = sessions[0].console
        let title = "\(console.outputStyle.paint(name, .strong))\n" as PrintableText
        try console.write(index == 0 ? title : "\n" + title)
        try DoctorReport.listing([group]).write(output.form, to: console)
      }
    } else {
      try DoctorReport.listing(groups).write(output.form, to: sessions[0].console)
    }
    try SeveralClusters.finish(
      sessions, results, others: shown.contains { $0.verdict == .bad } ? [.failed] : [])
  }

  /// The last lines of a log file.
  private static func end(of log: LogFile?) -> [String]? {
    log.flatMap { FileIO.tail(of: $0.path, limit: 256 << 10) }.map { bytes in
      bytes.split(separator: 0x0A).suffix(200).map { String(decoding: $0, as: UTF8.self) }
    }
  }
}

extension DoctorCheck {
  /// Whether it is about this computer, which all clusters share.
  fileprivate var isOfComputer: Bool {
    ToolName(rawValue: id) != nil || ["engine", "inotify", "disk", "cache-place"].contains(id)
  }
}

extension Session {
  /// The checks of this session's computer and cluster, which ask nobody for a secret.
  func doctor(_ toolbox: Toolbox) -> Engine.Doctor {
    Engine.Doctor(toolbox: toolbox, store: store, credentials: unattended)
  }
}
