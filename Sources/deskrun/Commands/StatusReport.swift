import CommandOutput
import Engine

/// The output of `deskrun status`. Its JSON is documented in docs/output.md.
struct StatusReport {
  var context: String
  /// What the cluster is called in text where its context alone is not enough; see `Session.label`.
  var label: String?
  /// The kubeconfig file; nil for kubectl's default.
  var kubeconfig: String?
  /// The cluster shown before that is the same one, which another context leads to.
  var sameAs: String?
  /// Whether its context fails and another one of the same cluster shows everything, so that nothing is unknown.
  var isReplaced = false
  var cluster: ClusterState
  var snapshot: Snapshot?
  var installations: [InstallationStatus]
  /// The findings about the requested installations and about all, most severe first.
  var findings: [Finding] = []
  /// The estimated progress of running jobs, by runner.
  var estimates: [String: JobEstimate] = [:]
  var gaps: [KnowledgeGap] = []
  /// Why the cluster cannot be read at all: tools are missing, or its objects cannot be read.
  var blindness: EngineError?
  /// Another context of the cluster that this one does not reach, as a way out; nil if none is known.
  var otherContext: String?
  /// The options that displayed commands must repeat.
  var invocation = Invocation()
  /// Whether a single installation or scale set was requested.
  var isNamed = false

  /// The installations of deskrun.
  private var own: [InstallationStatus] { installations.filter { !$0.isForeign } }
  /// The scale sets that deskrun does not manage.
  private var foreign: [InstallationStatus] { installations.filter(\.isForeign) }

  /// The findings that are not in a row: those about more than one installation, or about one that cannot be read.
  private var apart: [Finding] {
    let rows = Set(installations.map(\.name))
    return findings.filter { finding in finding.installation.map { !rows.contains($0) } ?? true }
  }

  /// The tables for a terminal, one below the other.
  func text(_ style: Style, width: Int?, wide: Bool, headers: Bool) -> PrintableText {
    var text = summary(style)
    if own.isEmpty, !isNamed, sameAs == nil, !apart.contains(where: { $0.installation != nil }),
      snapshot?.narrowedTo == nil || foreign.isEmpty
    {
      let namespace = snapshot?.narrowedTo
      let place: PrintableText = namespace.map { " in the namespace \($0)" } ?? ""
      let option: PrintableText = namespace.map { " --namespace \($0)" } ?? ""
      text += "\nNo installations found\(place)."
      // It would be refused where nothing can be deployed.
      switch cluster {
      case .unreachable, .contextMissing, .toolMissing, .dockerUnavailable: text += "\n"
      default: text += " `deskrun add NAME --repository URL\(option)` adds one.\n"
      }
    }
    if installations.isEmpty { return text + general(style) }
    if !own.isEmpty {
      text += "\n" + installationTable(own).text(style: style, width: width, wide: wide, headers: headers)
    }
    if !foreign.isEmpty {
      if headers { text += "\nNot deployed by this deskrun, which only shows them:\n" }
      text += foreignTable().text(style: style, width: width, wide: wide, headers: headers)
    }
    for status in installations {
      guard let problem = status.problem else { continue }
      let mark = style.paint(problem.severity == .bad ? .failing : .warning)
      let name = "\(status.name): " as PrintableText
      text += "\n\(mark) \(style.paint(status.name, .strong)): "
      text += Self.wrapped("\(problem.sentence)", after: 2 + name.width, hang: 2, width)
      if let fix = problem.fix {
        text += "\n  \(style.paint("fix:", .strong)) \(Self.wrapped("\(fix)", after: 7, hang: 7, width))"
      }
      let more = findings.count { $0.installation == status.name } - 1
      if more > 0 { text += "\n  +\(more) more: `deskrun why \(status.name)`" }
      text += "\n"
    }
    text += general(style)
    let runners = runnerTable(style, isNarrow: !wide && width.map { $0 < Self.narrow } ?? false)
    if !runners.rows.isEmpty {
      text += "\n" + runners.text(style: style, width: width, wide: wide, headers: headers)
    }
    return text
  }

  /// Text wrapped at words, with commands in one piece.
  ///
  /// - Parameters:
  ///   - start: the cells before its first line.
  ///   - hang: the cells before the others.
  private static func wrapped(_ text: PrintableText, after start: Int, hang: Int, _ width: Int?) -> PrintableText {
    guard let width, start + text.width > width else { return text }
    return text.wrapped(to: max(20, width - max(start, hang))).enumerated().reduce(into: "" as PrintableText) {
      $0 += ($1.offset > 0 ? "\n" + PrintableText(blanks: hang) : "") + $1.element
    }
  }

  /// The general problems, and what is unknown.
  private func general(_ style: Style) -> PrintableText {
    var text: PrintableText = ""
    for finding in apart {
      let mark = style.paint(finding.severity == .bad ? .failing : .warning)
      text += "\n\(mark) \(finding.title)\n"
      // Without the cluster, nothing else says it.
      if tellsProblem, !cluster.isReady, let why = finding.evidence.first {
        text += "  \(style.paint("why:", .strong)) \(why)\n"
      }
      text += "  \(style.paint("fix:", .strong)) \(finding.remedy)"
      if let command = finding.action?.command(finding.installation) { text += ": \(invocation.command(command))" }
      text += "\n"
    }
    if !gaps.isEmpty { text += "\n" + FindingsReport.text(gaps, now: snapshot?.takenAt ?? 0, style, invocation) }
    return text
  }

  private func summary(_ style: Style) -> PrintableText {
    var lines: PrintableText = "Cluster     "
    switch cluster {
    case .ready(let version): lines += "\(style.paint(.healthy)) \(label ?? context)  Kubernetes \(version)\n"
    default: lines += "\(style.paint(.failing)) \(label ?? context)  \(cluster.words)\n"
    }
    if let sameAs {
      lines += "            the same cluster as \(sameAs), through another context; its runners are listed once\n"
    }
    if let snapshot {
      lines += "Controller  "
      if let controller = snapshot.controller {
        let mark = style.paint(controller.isReady ? .healthy : .failing)
        lines += "\(mark) ARC \(controller.version)\(controller.isReady ? "" : "  not ready")\n"
      } else if snapshot.hidesController {
        lines += "\(style.paint(.unknown)) unknown\n"
      } else {
        lines += "\(style.paint(.off)) not installed\n"
      }
      if let namespace = snapshot.narrowedTo { lines += "Namespace   \(namespace)\n" }
    }
    return lines
  }

  /// The scale sets of other owners.
  private func foreignTable() -> Table {
    var table = Table([
      .init("SCALE SET", minimum: 20), .init("MANAGED BY", minimum: 12, leavesAt: 3),
      .init("TARGET", minimum: 12, leavesAt: 1),
      .init("LISTENER"), .init("BUSY", .trailing), .init("IDLE", .trailing), .init("STARTING", .trailing, leavesAt: 2),
      .init("FAILING", .trailing), .init("MAX", .trailing), .init("VERSION", onlyWide: true),
    ])
    for status in foreign {
      let counts = status.counts
      func count(_ value: Int, _ role: Role = .plain) -> Table.Cell { .init(String(value), value == 0 ? .faint : role) }
      table.add([
        .init(status.name, mark: mark(status)), .init(status.manager?.shortWords ?? "", .faint),
        .init(target(status)), .init(listener(status), listenerRole(status)), count(counts.busy, .active),
        count(counts.idle, .good), count(counts.starting, .warning), count(counts.failing, .bad),
        maximumCell(status), .init(status.scaleSets.first?.version ?? "-"),
      ])
    }
    return table
  }

  private func installationTable(_ installations: [InstallationStatus]) -> Table {
    // An installation in another namespace than the default is only found there.
    let hasNamespaces = installations.contains { $0.namespace != ClusterTarget.namespace }
    var table = Table([
      .init("INSTALLATION", minimum: 20), .init("NAMESPACE", onlyWide: !hasNamespaces, leavesAt: 3),
      .init("MODE", onlyWide: true), .init("TARGET", minimum: 12, leavesAt: 1), .init("LISTENER"),
      .init("BUSY", .trailing), .init("IDLE", .trailing), .init("STARTING", .trailing, leavesAt: 2),
      .init("FAILING", .trailing), .init("MAX", .trailing), .init("VERSION", onlyWide: true),
    ])
    for status in installations {
      let counts = status.counts
      func count(_ value: Int, _ role: Role = .plain) -> Table.Cell {
        snapshot == nil ? .init("…", .faint) : .init(String(value), value == 0 ? .faint : role)
      }
      table.add([
        .init(status.name, .strong, mark: mark(status)), .init(status.namespace),
        .init(status.installation?.mode.rawValue ?? "-"),
        .init(target(status)), .init(listener(status), listenerRole(status)), count(counts.busy, .active),
        count(counts.idle, .good), count(counts.starting, .warning), count(counts.failing, .bad),
        maximumCell(status), .init(status.scaleSets.first?.version ?? "-"),
      ])
    }
    return table
  }

  private func target(_ status: InstallationStatus) -> String {
    status.servedPath
  }

  /// The maximum in the cluster, and the configured one if it differs.
  private func maximumCell(_ status: InstallationStatus) -> Table.Cell {
    guard status.drift.contains(where: { $0.setting == .maxRunners }), let installation = status.installation else {
      return .init(maximum(status))
    }
    let configured = installation.scaleSets.map(\.runners.maximum).reduce(0, +)
    return .init("\(maximum(status)) (not \(configured))", .warning)
  }

  private func maximum(_ status: InstallationStatus) -> String {
    guard !status.scaleSets.isEmpty else { return status.installation.map { String($0.runners.maximum) } ?? "-" }
    var sum = 0
    for set in status.scaleSets {
      guard let maximum = set.maximum else { return "no limit" }
      sum += maximum
    }
    return String(sum)
  }

  private func mark(_ status: InstallationStatus) -> Mark {
    guard snapshot != nil else { return .unknown }
    if status.isTerminating { return .finishing }
    switch status.problem?.severity {
    case .bad: return .failing
    case .warning: return status.scaleSets.isEmpty ? .off : .warning
    case nil: if case .running = status.listener { return .healthy } else { return .pending }
    }
  }

  private func listener(_ status: InstallationStatus) -> String {
    guard snapshot != nil else { return "…" }
    if status.isTerminating { return "removing" }
    return status.scaleSets.isEmpty ? "-" : status.listener.word
  }

  private func listenerRole(_ status: InstallationStatus) -> Role {
    switch status.listener {
    case .running: .plain
    case .starting, .unknown: .warning
    case .failing: .bad
    case .absent: .faint
    }
  }

  /// Narrower terminals have no column for reasons. They are shown in place of the job, which such runners do not have.
  private static let narrow = 110

  private func runnerTable(_ style: Style, isNarrow: Bool) -> Table {
    // The reason for a failure may be long, so it is in the last column, where it does not widen others.
    let installations = installations.filter(showsRunners)
    let hasReasons = !isNarrow && installations.contains { $0.counts.failing > 0 || $0.counts.starting > 0 }
    var table = Table(
      [
        .init("RUNNER"), .init("STATE"), .init("JOB", minimum: isNarrow ? 22 : 10),
        .init("REPOSITORY", minimum: 10, leavesAt: 1),
        .init("WORKFLOW", onlyWide: true),
        .init("REF", onlyWide: true), .init("AGE", .trailing, leavesAt: 2), .init("NODE", onlyWide: true),
        .init("LINK", onlyWide: true),
      ] + (estimates.isEmpty ? [] : [.init("PROGRESS", minimum: 14, leavesAt: 3)])
        + (hasReasons ? [.init("REASON", minimum: 12, leavesAt: 4)] : []))
    for status in installations {
      for runner in status.runners { table.add(row(runner, status, style, isNarrow: isNarrow)) }
    }
    return table
  }

  /// Whether to list the runners. Other owners may have thousands, so theirs are only listed on request.
  func showsRunners(_ status: InstallationStatus) -> Bool {
    !status.isForeign || isNamed || snapshot?.narrowedTo != nil
  }

  private func row(
    _ runner: Runner, _ status: InstallationStatus, _ style: Style, isNarrow: Bool
  ) -> [Table.Cell] {
    let age = runner.created.flatMap { created in
      snapshot.map { DurationText.short(.seconds(max(0, $0.takenAt - created))) }
    }
    var job = ""
    var reason = ""
    var repository = ""
    var workflow = ""
    var ref = ""
    var link = ""
    switch runner.state {
    case .busy(let work):
      (job, repository, workflow, ref) = (work.name, work.repository, work.workflow, work.ref)
      link = work.url(host: status.host ?? "github.com") ?? ""
    case .starting(let step): reason = step
    case .failing(let why, _): reason = why
    case .idle, .finishing: break
    }
    let role: Role = if case .failing = runner.state { .bad } else { .plain }
    let isBusy = if case .busy = runner.state { true } else { false }
    return [
      .init(runner.name), .init(runner.state.word, mark: Self.mark(runner.state)),
      isNarrow && !isBusy ? .init(reason, role) : .init(job), .init(repository), .init(workflow), .init(ref),
      .init(age ?? "-"), .init(runner.node ?? "-"), .init(link),
    ] + (estimates.isEmpty ? [] : [isBusy ? progress(estimates[runner.name], style) : ""])
      + (isNarrow ? [] : [.init(reason, role)])
  }

  private func progress(_ estimate: JobEstimate?, _ style: Style) -> Table.Cell {
    guard let estimate else { return .init("-", .faint) }
    let cells = 8
    let bar =
      estimate.elapsed == nil
      ? "" : Meter.text(filled: estimate.filled(of: cells), of: cells, usesUnicode: style.usesUnicode) + " "
    return .init(bar + estimate.sentence, estimate.isLate ? .warning : .plain, short: estimate.words)
  }

  static func mark(_ state: RunnerState) -> Mark {
    switch state {
    case .starting: .pending
    case .idle: .healthy
    case .busy: .busy
    case .finishing: .finishing
    case .failing: .failing
    }
  }
}
