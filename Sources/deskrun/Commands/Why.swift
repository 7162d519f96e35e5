import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct Why: AsyncParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain what is wrong, why, and how to fix it.",
    discussion: """
      EXAMPLES:
          deskrun why
          deskrun why web-ci
        And carry out what deskrun can do itself:
          deskrun why web-ci --fix
        Watch until it is known why a listener or runners do not work:
          deskrun why web-ci --wait
        In a script:
          deskrun why --exit-code || notify-send "runners need help"

      THE FINDINGS, by their names in -o json and for --demo-trouble:
      \(Self.rules)

      Where runners or listeners end too soon or fail, it watches for up to five seconds before it answers, with --wait \
      for up to 90. What it could not find out is listed as unknown.
      """)

  /// The names of the rules, wrapped to at most 76 columns.
  private static var rules: String {
    var lines: [String] = []
    var line = ""
    for name in FindingRule.allCases.map(\.rawValue) {
      if line.count + name.count + 2 > 74 {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "  " : ", ") + name
    }
    return (lines + [line]).joined(separator: "\n")
  }

  @Argument(help: "Check only this installation.", completion: Completions.installationNames)
  var name: String?

  @Flag(help: "Apply the fixes that deskrun can apply itself, after asking.")
  var fix = false

  @Flag(help: "Exit with status \(ExitStatus.unwell.rawValue) when something keeps jobs from running.")
  var exitCode = false

  @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
  var yes = false

  @Flag(help: "Watch for up to 90 seconds, until it is known why a listener or runners do not work.")
  var wait = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let asked = try sessionForSeveral().narrowed(observing, about: name)
    let sessions = name == nil ? try await asked.shown() : [try await asked.having(name)]
    guard sessions.count == 1, let session = sessions.first else { return try await run(on: sessions) }
    var look = ClusterLook(toolbox: session.asking, paths: session.paths)
    if wait { (look.limit, look.listenerLimit) = (.seconds(90), .seconds(90)) }
    let name = try await session.look(at: name, with: &look)
    let known = look.knowledge
    var report = StatusReport(known, about: name, invocation: session.console.invocation)
    if report.isEmpty, let missing = try await asked.missingNamespace(on: sessions) { throw missing }
    report.findings = session.withOwnContext(
      try await session.naming(conflictsOf: report.findings, about: name, known, among: asked))
    // If the cluster could not be read, "no problem found" would be a guess.
    try FindingsReport(
      findings: report.findings, invocation: session.console.invocation, gaps: report.gaps, now: known.now,
      isKnown: report.problem == nil, context: report.context
    ).write(output.form, to: session.console)
    if let blindness = report.blindness { throw blindness }
    if name == nil, report.cluster == .absent, try !session.store.load().isUsed(session.target) {
      // Nothing was set up yet, so nothing is wrong: what is missing is the next step.
      session.tell(
        "No installations found, and the cluster \(session.label) is not created. "
          + "`deskrun add NAME --repository URL` does both; `deskrun setup` installs what it needs.")
      return
    }
    if fix { try await carryOut(report.findings, known, session) }
    if exitCode, report.isUnwell { throw ExitCode(ExitStatus.unwell.rawValue) }
    if report.findings.isEmpty, !report.isStarting, let problem = report.problem { throw problem }
    // The question about this installation was not answered; the finding says so.
    guard name != nil else { return }
    switch report.cluster {
    case .unreachable(let error), .contextMissing(let error): throw ExitCode(ExitStatus(error.kind).rawValue)
    default: break
    }
  }

  /// The same for several clusters.
  private func run(on sessions: [Session]) async throws {
    let isText = output.form.format == .table || output.form.format == .wide
    func findings(_ report: StatusReport, at: Int) -> FindingsReport {
      FindingsReport(
        findings: report.findings, invocation: sessions[at].console.invocation, gaps: report.gaps,
        now: report.snapshot?.takenAt ?? SystemTime.secondsSince1970(), isKnown: report.problem == nil,
        context: report.context)
    }
    let isLong = wait
    var isFirst = true
    var told: [SharedScaleSets.Conflict] = []
    let looks = try await SeveralClusters(sessions: sessions).look(
      { if isLong { ($0.limit, $0.listenerLimit) = (.seconds(90), .seconds(90)) } },
      limit: wait ? .seconds(110) : SeveralClusters.limit
    ) { at, looks in
      let joined = JoinedLooks(sessions, looks)
      guard isText, let report = joined.report(at) else { return }
      told += joined.conflicts.filter { $0.cluster == at }
      let console = sessions[at].console
      let same: PrintableText = report.sameAs.map { ", the same cluster as \($0)" } ?? ""
      let title: PrintableText = "\(console.outputStyle.paint(sessions[at].label, .strong))" + same + "\n"
      try console.write(isFirst ? title : "\n" + title)
      isFirst = false
      var shown = findings(report, at: at)
      shown.isWhole = looks.allSatisfy { $0 != nil }
      try shown.write(output.form, to: console)
    }
    let joined = JoinedLooks(sessions, looks)
    let reports = sessions.indices.compactMap(joined.report)
    if reports.allSatisfy(\.isEmpty), let missing = try await sessions.first?.missingNamespace(on: sessions) {
      throw missing
    }
    let conflicts = joined.conflicts
    if isText { try SeveralClusters.tell(conflicts.filter { !$0.isTold(in: told) }, sessions) }
    let all = reports.enumerated().map { findings($1, at: $0) }
    if !isText, let console = sessions.first?.console {
      switch output.form.format {
      case .json: try console.write(PrintableText(json: FindingsReport.document(all), pretty: true))
      case .yaml: try console.write(PrintableText(yaml: FindingsReport.document(all)))
      default: for report in all { try report.write(output.form, to: console) }
      }
    }
    if fix {
      for (at, report) in reports.enumerated() where report.blindness == nil {
        guard let session = joined.acting(on: at), let known = joined.known[at] else { continue }
        try await carryOut(report.findings, known, session)
      }
    }
    if exitCode, conflicts.contains(where: { !$0.finding.isForeign }) || reports.contains(where: \.isUnwell) {
      throw ExitCode(ExitStatus.unwell.rawValue)
    }
    let silent = reports.filter { $0.findings.isEmpty && !$0.isStarting && !$0.isReplaced }
    if let problem = SeveralClusters.worst(silent.compactMap(\.problem)) { throw problem }
  }

  private func carryOut(_ findings: [Finding], _ known: ClusterKnowledge, _ session: Session) async throws {
    var done: [PlanRequest] = []
    for finding in findings {
      for request in finding.fixes(known) where !done.contains(request) {
        done.append(request)
        // Binding to another context is a command on that one.
        var session = session
        if case .bind(let target)? = finding.action { session = session.at(target) }
        let run = PlanRun(
          session: session, options: try PlanOptions.parse(yes ? ["--yes"] : []), output: output.form, isFix: true)
        try await run("why --fix", request)
      }
    }
    if done.isEmpty, !findings.isEmpty {
      session.tell("deskrun can apply none of these fixes itself; see above what to do.")
    }
  }
}

/// The output of `deskrun why`. Its JSON is documented in docs/output.md.
struct FindingsReport {
  let findings: [Finding]
  let invocation: Invocation
  var gaps: [KnowledgeGap] = []
  /// Seconds since 1970.
  var now: Int64 = 0
  /// Whether the cluster could be read.
  var isKnown = true
  /// Whether all requested clusters have responded: findings between two of them are only known then.
  var isWhole = true
  /// The kubeconfig context of the cluster.
  var context: String

  /// - Parameter invocation: the options that displayed commands must repeat.
  init(
    findings: [Finding], invocation: Invocation = Invocation(), gaps: [KnowledgeGap] = [], now: Int64 = 0,
    isKnown: Bool = true, context: String
  ) {
    self.context = context
    self.findings = findings.map { invocation.completing($0) }
    self.invocation = invocation
    (self.gaps, self.now, self.isKnown) = (gaps, now, isKnown)
  }

  func write(_ form: OutputForm, to console: Console) throws {
    switch form.format {
    case .json: try console.write(PrintableText(json: document, pretty: true))
    case .yaml: try console.write(PrintableText(yaml: document))
    case .name: try console.write(findings.map { "\($0.rule.rawValue)\n" }.joined())
    case .table, .wide: try console.write(text(console.outputStyle, columns: console.output.columns))
    }
  }

  /// - Parameter columns: the width of the terminal, if it is one; sentences are wrapped to it. Commands are not,
  ///   because they are copied.
  private func text(_ style: Style, columns: Int?) -> PrintableText {
    func field(_ label: PrintableText, _ value: String) -> PrintableText {
      let text: PrintableText = "\(value)"
      let lines = columns.map { text.wrapped(to: max(20, $0 - 10)) } ?? [text]
      return "  \(style.paint(label, .faint))" + lines.joined(separator: "\n          ")
    }
    var text: PrintableText = ""
    if findings.isEmpty, isKnown {
      text +=
        style.paint(.done) + " No problem found" + (isWhole ? "\n" : " here; other clusters have not answered yet\n")
    }
    text += findings.map { finding -> PrintableText in
      let isBad = finding.severity == .bad
      let mark = isBad ? style.paint(.failing) : style.paint("!", .warning)
      let title: PrintableText = "\(finding.title)"
      let titles = columns.map { title.wrapped(to: max(20, $0 - 2)) } ?? [title]
      var lines: [PrintableText] = [
        "\(mark) " + titles.map { style.paint($0, isBad ? .bad : .warning) }.joined(separator: "\n  ")
      ]
      for seen in finding.evidence { lines.append(field("seen    ", seen)) }
      lines.append(field("fix     ", finding.remedy))
      if let command = finding.action?.command(finding.installation) {
        lines.append("          \(invocation.command(command))")
      }
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
    if !gaps.isEmpty, isKnown { text += "\n" + Self.text(gaps, now: now, style, invocation) }
    return text
  }

  /// What is unknown, one line each.
  static func text(
    _ gaps: [KnowledgeGap], now: Int64, _ style: Style, _ invocation: Invocation
  ) -> PrintableText {
    gaps.map { "\(style.paint("? unknown", .faint)) \(invocation.text($0.sentence(now: now)))\n" }.joined()
  }

  /// Several clusters as one document: its lists are flat, and each finding contains its context.
  static func document(_ reports: [FindingsReport]) -> JSONValue {
    guard var merged = reports.first?.document.objectValue else { return [:] }
    merged["findings"] = .array(reports.flatMap { $0.document["findings"]?.arrayValue ?? [] })
    merged["unknown"] = .array(
      unknown(reports.map { ($0.context, $0.document["unknown"]?.arrayValue ?? []) }))
    return .object(merged)
  }

  /// What is unknown, with the contexts if there are several clusters.
  static func unknown(_ lists: [(context: String, items: [JSONValue])]) -> [JSONValue] {
    guard lists.count > 1 else { return lists.flatMap(\.items) }
    return lists.flatMap { list in list.items.map { .string("\(list.context): \($0.stringValue ?? "")") } }
  }

  var document: JSONValue {
    [
      "context": .string(context),
      "findings": .array(findings.map { Self.document($0, context: context, invocation) }),
      "unknown": .array(gaps.map { .string(invocation.text($0.sentence(now: now))) }),
    ]
  }

  /// A finding, in the JSON of all commands.
  static func document(_ finding: Finding, context: String, _ invocation: Invocation) -> JSONValue {
    document(
      rule: finding.rule.rawValue, context: context, kubeconfig: invocation.kubeconfig,
      installation: finding.installation,
      severity: finding.severity.rawValue, cause: finding.title, evidence: finding.evidence, fix: finding.remedy,
      command: finding.action?.command(finding.installation).map(invocation.command), isForeign: finding.isForeign)
  }

  /// The shape of a finding, from any source.
  static func document(
    rule: String, context: String, kubeconfig: String?, installation: String?, severity: String, cause: String,
    evidence: [String], fix: String?, command: String?, isForeign: Bool = false
  ) -> JSONValue {
    [
      "rule": .string(rule), "context": .string(context),
      "kubeconfig": kubeconfig.map { .string(SafeText.line($0)) } ?? .null, "foreign": .bool(isForeign),
      "installation": installation.map(JSONValue.string) ?? .null, "severity": .string(severity),
      "cause": .string(cause), "evidence": .array(evidence.map(JSONValue.string)),
      "fix": fix.map(JSONValue.string) ?? .null, "command": command.map(JSONValue.string) ?? .null,
    ]
  }
}
