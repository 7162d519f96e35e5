import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun why`.
struct Why: AsyncParsableCommand {
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

  /// The names of the rules in lines of at most 76 cells.
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
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    var look = ClusterLook(toolbox: session.watching, paths: session.paths)
    if wait { (look.limit, look.listenerLimit) = (.seconds(90), .seconds(90)) }
    try await session.look(at: name, with: &look)
    let known = look.knowledge
    let report = StatusReport(known, about: name, invocation: session.console.invocation)
    // Where the cluster could not be asked, "no problem found" would be a guess.
    try FindingsReport(
      findings: report.findings, invocation: session.console.invocation, gaps: report.gaps, now: known.now,
      isKnown: report.problem == nil, context: report.context
    ).write(output.form, to: session.console)
    if let blindness = report.blindness { throw blindness }
    if fix { try await carryOut(report.findings, known, session) }
    if exitCode, report.isUnwell { throw ExitCode(ExitStatus.unwell.rawValue) }
    if report.findings.isEmpty, !report.isStarting, let problem = report.problem { throw problem }
  }

  private func carryOut(_ findings: [Finding], _ known: ClusterKnowledge, _ session: Session) async throws {
    let run = PlanRun(
      session: session, options: try PlanOptions.parse(yes ? ["--yes"] : []), output: output.form, isFix: true)
    var done: [PlanRequest] = []
    for finding in findings {
      for request in finding.fixes(known) where !done.contains(request) {
        done.append(request)
        try await run("why --fix", request)
      }
    }
    if done.isEmpty, !findings.isEmpty {
      session.tell("deskrun can apply none of these fixes itself; see above what to do.")
    }
  }
}

/// What `deskrun why` writes. Its JSON is documented in docs/output.md.
struct FindingsReport {
  let findings: [Finding]
  let invocation: Invocation
  /// What could not be found out.
  var gaps: [KnowledgeGap] = []
  /// Seconds since 1970.
  var now: Int64 = 0
  /// Whether the cluster was asked.
  var isKnown = true
  /// The kubeconfig context of the cluster they are about.
  var context: String

  /// - Parameter invocation: what the commands in them have to repeat.
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
    case .table, .wide: try console.write(text(console.outputStyle))
    }
  }

  private func text(_ style: Style) -> PrintableText {
    var text: PrintableText = ""
    if findings.isEmpty, isKnown { text += style.paint(.done) + " No problem found\n" }
    text += findings.map { finding -> PrintableText in
      let isBad = finding.severity == .bad
      let mark = isBad ? style.paint(.failing) : style.paint("!", .warning)
      var lines: [PrintableText] = ["\(mark) \(style.paint(finding.title, isBad ? .bad : .warning))"]
      for seen in finding.evidence { lines.append("  \(style.paint("seen    ", .faint))\(seen)") }
      lines.append("  \(style.paint("fix     ", .faint))\(finding.remedy)")
      if let command = finding.action?.command(finding.installation) {
        lines.append("          \(invocation.command(command))")
      }
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
    if !gaps.isEmpty, isKnown { text += "\n" + Self.text(gaps, now: now, style, invocation) }
    return text
  }

  /// What could not be found out, a line each.
  static func text(
    _ gaps: [KnowledgeGap], now: Int64, _ style: Style, _ invocation: Invocation
  ) -> PrintableText {
    gaps.map { "\(style.paint("? unknown", .faint)) \(invocation.text($0.sentence(now: now)))\n" }.joined()
  }

  var document: JSONValue {
    [
      "context": .string(context),
      "findings": .array(findings.map { Self.document($0, context: context, invocation) }),
      "unknown": .array(gaps.map { .string(invocation.text($0.sentence(now: now))) }),
    ]
  }

  /// A finding, in every command's JSON.
  static func document(_ finding: Finding, context: String, _ invocation: Invocation) -> JSONValue {
    document(
      rule: finding.rule.rawValue, context: context, installation: finding.installation,
      severity: finding.severity.rawValue, cause: finding.title, evidence: finding.evidence, fix: finding.remedy,
      command: finding.action?.command(finding.installation).map(invocation.command))
  }

  /// The one shape of a finding, whoever found it.
  static func document(
    rule: String, context: String, installation: String?, severity: String, cause: String, evidence: [String],
    fix: String?, command: String?
  ) -> JSONValue {
    [
      "rule": .string(rule), "context": .string(context),
      "installation": installation.map(JSONValue.string) ?? .null, "severity": .string(severity),
      "cause": .string(cause), "evidence": .array(evidence.map(JSONValue.string)),
      "fix": fix.map(JSONValue.string) ?? .null, "command": command.map(JSONValue.string) ?? .null,
    ]
  }
}
