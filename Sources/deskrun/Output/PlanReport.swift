import Engine

/// The output of `--dry-run` for a plan: its steps and the documents they would send, without secrets.
package enum PlanReport {
  /// - Parameters:
  ///   - context: the kubeconfig context of the plan's cluster.
  ///   - isOneOfMany: whether plans for other clusters are also written.
  package static func write(
    _ plan: Plan, context: String, _ form: OutputForm, isOneOfMany: Bool = false, to console: Console
  ) throws {
    let plan = console.invocation.completing(plan)
    switch form.format {
    case .json: try console.write(PrintableText(json: document(plan, context: context), pretty: true))
    case .yaml:
      try console.write(PrintableText(yaml: document(plan, context: context), isOneOfMany: isOneOfMany))
    case .name: try console.write(plan.steps.map { "\($0.id)\n" }.joined())
    case .table, .wide: try console.write(text(plan, style: console.outputStyle))
    }
  }

  private static func text(_ plan: Plan, style: Style) -> PrintableText {
    var text = style.paint(plan.title, .strong) + "  (dry run: nothing is changed)\n"
    let width = plan.steps.map { PrintableText($0.title).width }.max() ?? 0
    for (index, step) in plan.steps.enumerated() {
      let number = String(index + 1)
      let title = PrintableText(step.title)
      text += "\(PrintableText(blanks: 4 - min(3, number.count)))\(number)  \(title)"
      if let forecast = step.forecast {
        text += PrintableText(blanks: 3 + width - title.width) + style.paint(forecast, .faint)
      }
      text += "\n"
    }
    for document in documents(plan) {
      text += "\n\(style.paint("# \(document.title)", .faint))\n"
      text += document.merged.map { values($0, style: style) } ?? PrintableText(yaml: document.value)
    }
    for (scaleSet, changes) in plan.changedValues {
      text += "\n\(style.paint("# Helm values of \(scaleSet) that change", .faint))\n"
      for change in changes { text += "\(change)\n" }
    }
    return text
  }

  /// Values, annotated with the file and line of those from a values file.
  private static func values(_ merged: MergedValues, style: Style) -> PrintableText {
    var text: PrintableText = ""
    for file in merged.files { text += "\(style.paint("# merged with \(file)", .faint))\n" }
    let lines = SourcedYAML.lines(merged.shown)
    let column = SourcedYAML.column(lines)
    for line in lines {
      let shown = PrintableText(line.text)
      guard let place = line.place else {
        text += "\(shown)\n"
        continue
      }
      text += "\(shown)\(PrintableText(blanks: column - shown.width))"
      text += "  \(style.paint("# \(SourcedYAML.shown(place))", .faint))\n"
    }
    return text
  }

  /// The plan as JSON, documented in docs/output.md.
  package static func document(_ plan: Plan, context: String) -> JSONValue {
    [
      "context": .string(context),
      "title": .string(plan.title),
      "steps": .array(
        plan.steps.map { step in
          [
            "id": .string(step.id), "title": .string(step.title),
            "forecast": step.forecast.map(JSONValue.string) ?? .null,
          ]
        }),
      "warnings": .array(plan.warnings.map(JSONValue.string)),
      "notes": .array(plan.notes.map(JSONValue.string)),
      "busyRunners": .array(
        plan.busyRunners.map {
          [
            "name": .string($0.name), "context": .string(context), "scaleSet": .string($0.scaleSet),
            "job": .string($0.job), "repository": .string($0.repository),
          ]
        }),
      "valueChanges": .array(
        plan.valueChanges.map {
          [
            "scaleSet": .string($0.scaleSet), "path": .string($0.path), "old": $0.old.map(JSONValue.string) ?? .null,
            "new": $0.new.map(JSONValue.string) ?? .null,
          ]
        }),
      "documents": .array(
        documents(plan).map { document in
          var object: JSONObject = ["title": .string(document.title), "content": document.value]
          if let merged = document.merged, !merged.files.isEmpty {
            object["files"] = .array(merged.files.map(JSONValue.string))
          }
          return .object(object)
        }),
    ]
  }

  /// A document for kind, kubectl or helm.
  private struct Document {
    var title: String
    var value: JSONValue
    /// The sources of Helm values.
    var merged: MergedValues?
  }

  /// The documents for kind, kubectl and helm.
  private static func documents(_ plan: Plan) -> [Document] {
    plan.steps.compactMap { step in
      switch step.action {
      case .ensureCluster(let configuration, _):
        Document(title: "kind configuration of \(configuration.name)", value: configuration.json)
      case .applySecret(let installation, _):
        Document(title: "Secret of \(installation.name)", value: maskedSecret(installation))
      case .applyHookTemplate(let scaleSet, _):
        scaleSet.values.hookTemplate.map { Document(title: "hook template of \(scaleSet.name)", value: $0) }
      case .installScaleSet(let scaleSet, _):
        Document(
          title: "Helm values of \(scaleSet.name)", value: PlainSecrets.masked(scaleSet.releaseValues),
          merged: scaleSet.merged)
      default: nil
      }
    }
  }

  private static func maskedSecret(_ installation: Installation) -> JSONValue {
    let keys: [String] =
      switch installation.authentication {
      case .token: ["github_token"]
      case .app: ["github_app_id", "github_app_installation_id", "github_app_private_key"]
      }
    return [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": [
        "name": .string(DeploymentNames.secret(installation.name)), "namespace": .string(installation.namespace),
      ],
      "data": .object(JSONObject(keys.map { ($0, "••••••") })),
    ]
  }
}
