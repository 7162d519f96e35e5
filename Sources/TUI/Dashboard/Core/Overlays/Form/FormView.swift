import Engine
import TerminalKit

/// The lines of a form at a given width, for drawing and for scrolling.
package struct FormView: Sendable {
  /// A line of the form, with its text, style and fields.
  package struct Line: Sendable {
    package var label = ""
    package var parts: [(text: String, role: Role)] = []
    /// The fields on this line, with position and width.
    package var fields: [(field: FormField, x: Int, width: Int)] = []
    package var indent = 17
  }

  package private(set) var lines: [Line] = []
  private let form: FormState
  private let settings: Settings
  private let width: Int
  private var places: [FormField: Range<Int>] = [:]

  package init(_ form: FormState, settings: Settings, width: Int) {
    self.form = form
    self.settings = settings
    self.width = width
    build()
  }

  /// The rows of a field, including its explanation.
  package func rows(of field: FormField) -> Range<Int> { places[field] ?? 0..<1 }

  private var valueWidth: Int { max(4, width - 17 - 2) }

  private mutating func build() {
    lines.append(Line())
    for field in form.visible where field != .maximum {
      let start = lines.count
      append(field)
      places[field] = start..<lines.count
      if field == .minimum { places[.maximum] = start..<lines.count }
    }
    lines.append(Line())
    appendPreview()
  }

  private mutating func append(_ field: FormField) {
    switch field {
    case .mode, .authentication, .storage, .more, .pods: lines.append(choice(field))
    case .minimum:
      var line = Line(label: field.label)
      line.parts = [("at least ", .dim)]
      line.fields = [(.minimum, 26, 7), (.maximum, 43, 7)]
      lines.append(line)
    default:
      var line = Line(label: label(field))
      line.fields = [(field, 17, valueWidth)]
      lines.append(line)
    }
    if let fix = form.fix, fix.field == field || (field == .minimum && fix.field == .maximum) {
      note("! \(fix.why)", .warning)
    }
    let problem = form.shownProblem(field) ?? (field == .minimum ? form.shownProblem(.maximum) : nil)
    if let problem {
      note("\(settings.glyphs.failing) \(problem.what)" + (problem.why.map { ": \($0)" } ?? ""), .bad)
      if let fix = problem.fix { note("  " + fix, .dim) }
      return
    }
    if field == .credential, noteCredential() { return }
    if let found = accepted(field) { note("\(settings.glyphs.succeeded) \(found)", .good) }
    if form.focus == field || field == .minimum && form.focus == .maximum || (field == .name && !form.isEdit),
      let explanation = explanation(field)
    {
      note(explanation, .dim)
    }
    if form.focus == field, !form.completions.isEmpty {
      note("\(form.completions.prefix(4).joined(separator: "  "))   (right arrow takes the first)", .dim)
    }
  }

  private func label(_ field: FormField) -> String {
    guard field == .credential else { return field.label }
    return form.usesApp ? "Private key" : "Token"
  }

  private mutating func note(_ text: String, _ role: Role) {
    for part in CellText.wrapped(text, to: valueWidth) {
      var line = Line()
      line.parts = [(part, role)]
      lines.append(line)
    }
  }

  /// The line that expands or collapses a group of fields.
  private func fold(_ field: FormField, _ name: String, isOpen: Bool, _ contents: String) -> Line {
    var line = Line()
    line.indent = 2
    line.parts = [
      ((isOpen ? settings.glyphs.descending : settings.glyphs.busy) + " ", .accent), (name, .text),
      ("         " + contents, .dim),
    ]
    line.fields = [(field, 2, 6)]
    return line
  }

  private func choice(_ field: FormField) -> Line {
    var line = Line(label: field.label)
    let glyphs = settings.glyphs
    let options: [(String, Bool)]
    switch field {
    case .mode:
      options = [
        ("kubernetes", form.mode == .kubernetes),
        ("privileged (cached)", form.mode == .cachedPrivilegedKubernetes), ("dind", form.mode == .dind),
      ]
    case .authentication: options = [("token", !form.usesApp), ("GitHub App", form.usesApp)]
    case .storage:
      options = [("the secret itself", !form.storesReference), ("where it comes from", form.storesReference)]
    case .pods:
      return fold(
        field, "Pods", isOpen: form.showsPods, "environment, CPUs and memory, volumes, nodes, registries, proxy")
    default:
      return fold(field, "More", isOpen: form.showsMore, "labels, image, mounts, instances, values files, pods")
    }
    for (name, isOn) in options {
      line.parts.append((isOn ? glyphs.choiceOn + " " : glyphs.choiceOff + " ", isOn ? .accent : .dim))
      line.parts.append((name, isOn ? .strong : .text))
      line.parts.append(("   ", .text))
    }
    line.fields = [(field, 17, min(valueWidth, line.parts.reduce(0) { $0 + CellText.width($1.text) } - 3))]
    return line
  }

  private func explanation(_ field: FormField) -> String? {
    switch field {
    case .name:
      let name = form.text(.name).isEmpty ? "the-name" : form.text(.name)
      return "used in workflows: runs-on: \(name)"
    case .repository: return "https://github.com/OWNER/REPO, or an organization: https://github.com/ORGANIZATION"
    case .mode:
      switch form.mode {
      case .kubernetes: return "jobs with a container: run in pods of their own; others run in the runner"
      case .cachedPrivilegedKubernetes: return "privileged pods with host caches, for Nix, systemd and nested Docker"
      case .dind: return "a Docker daemon beside each runner, for jobs that build or run containers"
      }
    case .minimum, .maximum: return "idle runners to keep, and the maximum"
    case .authentication: return "a personal access token, or an App of your organization with its private key"
    case .credential:
      return form.isEdit
        ? "empty keeps what there is; or gh, env:NAME, @FILE, or type it: it is never shown"
        : form.usesApp ? "@FILE of the App's private key (PEM)" : "gh, env:NAME, @FILE, or type it: it is never shown"
    case .appID: return "a number or a client id, on the App's page on GitHub"
    case .appInstallationID: return "the number at the end of the address of the App's installation"
    case .caches: return "folders that jobs keep on this computer: /root/.cache, or SOURCE:TARGET; commas between"
    case .labels: return "further labels for runs-on; commas between"
    case .image: return "empty means \(ARCCharts.defaultRunnerImage)"
    case .mounts: return "host paths that runners see: SOURCE:TARGET, commas between"
    case .instances: return "number of scale sets NAME-1, NAME-2 …, each with one runner and its own caches"
    case .valuesFile: return "a file of Helm values to merge, or FILE#PART; commas between several"
    case .storage: return "what the configuration file keeps"
    case .more, .pods: return nil
    case .environment: return "variables of the runner: NAME=VALUE; semicolons between"
    case .secretEnvironment: return "SECRET:KEY, or SECRET for all its keys; commas between"
    case .cpus: return "of the runner and of job pods, request and limit: 2, or 500m"
    case .memory: return "of the runner and of job pods, request and limit: 4Gi"
    case .workSize: return "shared by runner and job pod; empty means \(ScaleSetValues.standardWorkSize)"
    case .storageClass: return "of the work volume"
    case .runnerGroup: return "of the organization or enterprise"
    case .serviceAccount: return "of the runners' pods, instead of the chart's"
    case .pullPolicy: return PullPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    case .pullSecrets: return "Secrets with the credentials of registries; commas between"
    case .nodeSelector: return "labels that nodes must have: KEY=VALUE; commas between"
    case .tolerations: return "taints of nodes that are accepted: KEY[=VALUE][:EFFECT]; commas between"
    case .dindImage: return "empty means docker:dind"
    case .dindArguments: return "options of dockerd: --mtu=1400; semicolons between"
    case .namespace: return "of the runners, created where it does not exist; empty means \(ClusterTarget.namespace)"
    case .proxy: return "to reach GitHub: http://proxy:3128, or http=URL, https=URL"
    case .proxySecret: return "a Secret with the keys username and password of the proxy"
    case .proxyExceptions: return "hosts and domains that are reached without the proxy; commas between"
    case .certificates: return "CA certificates (PEM) of a GitHub Enterprise Server, or of a proxy that decrypts"
    case .cacheClaims: return "PersistentVolumeClaims that exist, as caches: NAME:TARGET; commas between"
    }
  }

  private func accepted(_ field: FormField) -> String? {
    guard field == .repository, let target = try? GitHubTarget(form.text(.repository)),
      target.url != form.text(.repository)
    else { return nil }
    return "will be \(target.url)"
  }

  /// - Returns: whether the note makes the field's explanation unnecessary.
  private mutating func noteCredential() -> Bool {
    switch form.credentialCheck {
    case .none: return false
    case .working:
      note("looking …", .dim)
      return false
    case .good(let warnings):
      note("\(settings.glyphs.succeeded) \(credentialWords)", .good)
      for warning in warnings { note("! \(warning)", .warning) }
      return form.focus != .credential
    case .failed(let error):
      guard form.hasTriedToSubmit || form.touched.contains(.credential) || !form.text(.credential).isEmpty else {
        return false
      }
      note("\(settings.glyphs.failing) \(error.what)" + (error.why.map { ": \($0)" } ?? ""), .bad)
      if let fix = error.fix { note("  " + fix, .dim) }
      return false
    }
  }

  private var credentialWords: String {
    let text = form.text(.credential)
    if text == "gh" { return "from gh auth token" }
    if text.hasPrefix("env:") { return "from the variable \(text.dropFirst(4))" }
    if text.hasPrefix("@") { return "from the file \(text.dropFirst())" }
    return text.isEmpty ? "from the environment" : "typed; it looks right"
  }

  private mutating func appendPreview() {
    if let conflict = form.conflict {
      note("\(settings.glyphs.failing) \(conflict.what)" + (conflict.why.map { ": \($0)" } ?? ""), .bad)
      if let fix = conflict.fix { note("  " + fix, .dim) }
      return
    }
    func head(_ text: String) -> Line {
      var line = Line(indent: 2)
      line.parts = [("Steps", .strong), (text, .dim)]
      return line
    }
    switch form.preview {
    case .none: lines.append(head("   shown once all fields are valid"))
    case .working: lines.append(head("   …"))
    case .failed(let error):
      lines.append(head(""))
      note("\(settings.glyphs.failing) \(error.what)" + (error.why.map { ": \($0)" } ?? ""), .bad)
      if let fix = error.fix { note("  " + fix, .dim) }
    case .ready(let preview):
      lines.append(head(""))
      for (index, step) in preview.steps.enumerated() {
        var line = Line(indent: 4)
        let title = CellText.cutEnd(step.title, to: max(8, width - 30))
        let number = index + 1 < 10 ? " \(index + 1)" : "\(index + 1)"
        line.parts = [("\(number)  ", .dim), (title, .text)]
        if let forecast = step.forecast {
          let gap = max(2, 48 - CellText.width(title))
          line.parts.append((String(repeating: " ", count: gap) + forecast, .dim))
        }
        lines.append(line)
      }
      for warning in preview.warnings {
        for part in CellText.wrapped("! " + warning, to: max(4, width - 6)) {
          var line = Line(indent: 4)
          line.parts = [(part, .warning)]
          lines.append(line)
        }
      }
    }
  }
}
