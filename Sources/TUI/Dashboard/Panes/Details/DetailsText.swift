import DashboardCore
import Engine
import TerminalKit

/// The details of the selection.
extension Model {
  mutating func refreshDetails() {
    let (title, text) = detailsText
    guard details.title != title else {
      // Keep the scroll position while times and states change.
      let lines = TextPage(title: title, text: text).lines
      details.lines = lines
      details.top = max(0, min(details.top, lines.count - 1))
      return
    }
    details = TextPage(title: title, text: text)
    details.fileName = "\(title).txt"
  }

  private var detailsText: (String, String) {
    if lookedFrom != .first, let runner = selectedRunner {
      return (runner.name, runnerText(runner.value, runner.cluster))
    }
    if let status = subject ?? selectedStatus { return (title(status), installationText(status.value, status.cluster)) }
    return ("", "Nothing is selected.")
  }

  private func pair(_ name: String, _ value: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 16 - name.count)) + value
  }

  private func moment(_ seconds: Int64?) -> String {
    seconds.map { ClockText.moment($0, now: now) } ?? "unknown"
  }

  private func runnerText(_ runner: Runner, _ cluster: Int) -> String {
    let (known, record) = (clusters[cluster].knowledge, job(of: runner.name, in: cluster))
    var lines = [
      "Runner", pair("name", runner.name), pair("scale set", runner.scaleSet), pair("state", runner.state.word),
    ]
    if hasSeveralClusters { lines.insert(pair("cluster", clusters[cluster].label), at: 2) }
    switch runner.state {
    case .starting(let step): lines.append(pair("step", step))
    case .failing(let why, let code):
      lines.append(pair("why", why))
      lines.append(pair("reason", code))
    case .busy, .idle, .finishing: break
    }
    lines.append(pair("created", moment(runner.created)))
    lines.append(pair("node", runner.node ?? "none yet"))
    if runner.failures > 0 { lines.append(pair("failures", "\(runner.failures) pods")) }
    if let job = runner.state.job ?? record?.job {
      lines += [
        "", "Job", pair("name", job.name), pair("repository", job.repository), pair("workflow", job.workflow),
        pair("ref", job.ref), pair("run", job.url(host: host(ofScaleSet: runner.scaleSet, in: cluster)) ?? "unknown"),
        pair("started", moment(record?.started)),
      ]
      if let estimate = known.estimate(of: runner, now: now) { lines += estimateText(estimate) }
      if let record, record.result != .running {
        lines.append(pair("result", record.result.word))
      }
    }
    if let pod = known.judgedSnapshot?.pod(runner.name) { lines += podText("Pod", pod) }
    for pod in runner.jobPods { lines += podText("Job pod", pod) }
    let about = clusters[cluster].events.filter { $0.object == runner.name }
    if !about.isEmpty {
      lines +=
        ["", "Events"]
        + about.suffix(20).map {
          "  \($0.last.map { ClockText.moment($0, now: now) } ?? "?")  \($0.reason)  \($0.message)"
        }
    }
    return lines.joined(separator: "\n")
  }

  /// The width of a job's progress bar in cells.
  static let meterWidth = 10

  private func estimateText(_ estimate: JobEstimate) -> [String] {
    let (usual, cells) = (estimate.usual, Self.meterWidth)
    let bar =
      estimate.elapsed == nil
      ? ""
      : Meter.text(filled: estimate.filled(of: cells), of: cells, usesUnicode: settings.usesUnicode) + "  "
    return [
      pair("progress", bar + estimate.sentence),
      pair(
        "usually",
        "median \(DurationText.short(seconds: usual.median)), p95 \(DurationText.short(seconds: usual.p95)), of the last \(usual.runs) runs"
      ),
    ]
  }

  private func podText(_ title: String, _ pod: Pod) -> [String] {
    var lines = ["", title, pair("name", pod.metadata.name), pair("phase", pod.phase)]
    if let reason = pod.reason { lines.append(pair("reason", SafeText.line(reason))) }
    if let message = pod.message { lines.append(pair("message", SafeText.line(message))) }
    if let why = pod.unschedulable { lines.append(pair("no node", SafeText.line(why))) }
    for container in pod.containers {
      let state: String =
        switch container.activity {
        case .waiting(let reason, let message):
          "waiting: \(reason)" + (message.map { ", \(SafeText.line($0))" } ?? "")
        case .running(let since):
          "running since \(since.map { ClockText.moment($0, now: now) } ?? "?")"
            + (container.isReady ? "" : ", not ready")
        case .terminated(let code, let reason, let message, _):
          "ended with \(code): \(reason)" + (message.map { ", \(SafeText.line($0))" } ?? "")
        case .unknown: "unknown"
        }
      lines.append(pair(container.isInit ? "init \(container.name)" : container.name, state))
      lines.append(pair("", "image \(container.image), restarts \(container.restarts)"))
    }
    return lines
  }

  private func installationText(_ status: InstallationStatus, _ cluster: Int) -> String {
    let known = clusters[cluster].knowledge
    var lines = ["Installation", pair("name", status.name)]
    if hasSeveralClusters { lines.append(pair("cluster", clusters[cluster].target.words)) }
    if let installation = status.installation {
      lines += [
        pair("GitHub URL", installation.target.url), pair("mode", installation.mode.rawValue),
        pair(
          "runners",
          installation.instances > 1
            ? "\(installation.instances) instances of one each"
            : "\(installation.runners.minimum) to \(installation.runners.maximum)"),
        pair("image", installation.image ?? "\(ARCCharts.defaultRunnerImage) (default)"),
        pair("credentials", Self.words(installation.authentication)),
      ]
      for cache in installation.caches {
        lines.append(pair("cache", cache.target + (cache.source.map { " from \($0)" } ?? "")))
      }
      for mount in installation.mounts { lines.append(pair("mount", mount.text)) }
      if !installation.labels.isEmpty { lines.append(pair("labels", installation.labels.joined(separator: ", "))) }
      for row in installation.settings.rows where !row.values.isEmpty { lines.append(pair(row.title, row.text)) }
      for file in installation.valuesFiles { lines.append(pair("values file", file)) }
      let label = status.scaleSets.first?.metadata.name ?? installation.scaleSets[0].name
      lines.append(pair("in a workflow", "runs-on: \(label)"))
    } else {
      lines.append(pair("configuration", "not in it"))
      lines.append(pair("GitHub URL", SafeText.line(status.scaleSets.first?.githubURL ?? "")))
      if let manager = status.manager { lines.append(pair("deployed by", manager.words)) }
    }
    lines += ["", "Now"]
    if known.snapshot == nil {
      lines.append(pair("cluster", "unknown"))
    } else {
      lines.append(pair("listener", status.listener.word))
      lines.append(
        pair(
          "runners",
          "\(status.counts.busy) busy, \(status.counts.idle) idle, \(status.counts.starting) starting, "
            + "\(status.counts.failing) failing"))
      for set in status.scaleSets {
        if let words = known.queues[set.id]?.sentence(busy: status.counts.busy, now: now) {
          lines.append(pair("queue", words))
        }
        lines.append(
          pair(
            "scale set",
            "\(set.id), ARC \(set.version), \(set.isRegistered ? "registered" : "not registered") with GitHub"
          )
        )
        lines.append(
          pair("deployed", "\(set.minimum) to \(set.maximum.map(String.init) ?? "any number of") runners"))
      }
    }
    if !status.drift.isEmpty {
      lines += ["", "Different in the cluster"]
      lines += status.drift.map {
        pair($0.setting.title, "\($0.cluster), configured \($0.configured) (\($0.scaleSet))")
      }
    }
    let figures = JobFigures(
      known.jobs.jobs.filter { status.scaleSetNames.contains($0.scaleSet) }, since: now - 86_400, now: now,
      hour: ClockText.hour)
    if figures.count > 0 {
      lines += ["", "Jobs, last 24h"] + figures.parts.map { pair($0.label, $0.text) }
    }
    if let problem = status.problem {
      lines += ["", "Finding", pair("what", problem.sentence)]
      if let fix = problem.fix { lines.append(pair("fix", clusters[cluster].invocation.text(fix))) }
    }
    return lines.joined(separator: "\n")
  }

  private static func words(_ authentication: Authentication) -> String {
    let what: String =
      switch authentication {
      case .token: "a token"
      case .app(let id, let installation, _): "GitHub App \(id ?? "?"), installation \(installation ?? "?")"
      }
    switch authentication.source {
    case .literal: return what + ", kept in the configuration"
    case .environment(let name): return what + " from the variable \(name)"
    case .file(let path): return what + " from \(path)"
    case .gh(let host): return what + " from gh for \(host)"
    }
  }
}
