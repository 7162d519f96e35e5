import DashboardCore
import Engine
import TerminalKit

/// The log of the selection, or a requested log.
package struct LogsPane: Pane {
  package static let id = PaneID("logs")
  package let title = "Logs"
  package let wantsMouse = false
  package let bindings = [
    Binding([.character("/")], .search, "search"),
    Binding([.character("n")], .searchNext),
    Binding([.character("N")], .searchPrevious),
    Binding([.character("E")], .nextError, "next error"),
    Binding([.control("e")], .previousError),
    Binding([.enter], .fold, "fold"),
    Binding([.character("Z")], .foldAll),
    Binding([.character("}")], .nextGroup),
    Binding([.character("{")], .previousGroup),
    Binding([.character("#")], .raw, "raw"),
    Binding([.character("&")], .filterLog, "filter"),
    Binding([.character("G"), .end], .bottom, "follow"),
    Binding([.character("f")], .follow),
    Binding([.character("W")], .wrap, "wrap"),
    Binding([.character("t")], .timestamps, "times"),
    Binding([.character("V")], .diagnostics),
    Binding([.character(".")], .container, "container"),
    Binding([.character("L")], .listenerLog, "listener"),
    Binding([.character("K")], .controllerLog),
    Binding([.character("M")], .mergedLog, "all runners"),
    Binding([.control("s")], .save, "save"),
    Binding([.character("c")], .copy, "copy"),
    Binding([.character("C")], .copyLink),
    Binding([.control("k")], .clearLog),
    Binding([.character("m")], .mark),
    Binding([.character("o")], .openRun),
    Binding([.character("w")], .why),
  ]

  // MARK: Title and labels

  package func note(_ model: Model) -> String {
    let log = model.log
    guard log.target != nil else { return "" }
    if log.phase == .ended { return "ended" }
    guard log.follows else { return log.unseen > 0 ? "paused · \(log.unseen) new" : "paused" }
    switch log.phase {
    case .ended: return "ended"
    case .loading: return "loading"
    case .failed: return ""
    case .none, .live: return "following"
    }
  }

  package func word(_ binding: Binding, _ model: Model) -> String? {
    switch binding.command {
    case .bottom: model.log.follows ? nil : binding.short
    case .nextError: model.log.buffer.errors.isEmpty ? nil : binding.short
    case .fold: model.log.isRaw || !model.log.buffer.hasGroups ? nil : binding.short
    case .raw: model.log.isRaw ? "as on GitHub" : binding.short
    default: binding.short
    }
  }

  package func narrowing(_ model: Model) -> String? {
    model.log.filter.isEmpty ? model.log.search.isEmpty ? nil : "end search" : "clear filter"
  }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    LogDrawing(model: model).draw(&painter, rect)
  }

  /// The log in its rectangle, without the row of its head.
  private func view(_ model: Model) -> LogView {
    LogView(
      log: model.log, width: model.layout.panes[.bottom]?.width ?? model.size.columns,
      height: model.layout.height(of: .bottom) - 1)
  }

  // MARK: Commands

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .logs: return model.selectedRunner == nil && model.subject == nil ? .no("nothing is selected") : .yes
    case .listenerLog, .mergedLog: return model.subject == nil ? .no("no installation is selected") : .yes
    case .container: return model.log.target == nil ? .no("no log is shown") : .yes
    case .nextError, .previousError: return model.log.buffer.errors.isEmpty ? .no("no errors in this log") : .yes
    case .fold, .foldAll, .nextGroup, .previousGroup:
      if model.log.isRaw { return .no("the log is shown raw; # shows its groups") }
      if !model.log.filter.isEmpty { return .no("a filter shows lines of all groups; Esc clears it") }
      return model.log.buffer.hasGroups ? .yes : .no("no groups in this log")
    default: return nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabLogs: model.show(id)
    case .logs: openSelection(&model)
    case .listenerLog:
      guard let status = subjectOfLog(model) else { break }
      model.openLog(.listener(scaleSet: status.scaleSets.first?.id ?? status.name), on: status.cluster)
    case .controllerLog: model.openLog(.controller, on: model.meantCluster)
    case .mergedLog: openMerged(&model)
    case .follow: if model.log.follows { view(model).freeze(&model.log) } else { model.log.follows = true }
    case .search: model.askFor(.search(id), "search", model.log.search)
    case .searchNext, .searchPrevious: find(forward: command == .searchNext, &model)
    case .filterLog: model.askFor(.filter(id), "show lines with", model.log.filter)
    case .nextError, .previousError:
      if !view(model).findError(&model.log, forward: command == .nextError) {
        model.toast("No errors among the lines shown", .plain)
      }
    case .nextGroup, .previousGroup:
      if !view(model).findGroup(&model.log, forward: command == .nextGroup) {
        model.toast("No more groups in this direction", .plain)
      }
    case .fold: if !view(model).fold(&model.log) { model.toast("No group in sight; } jumps to the next", .plain) }
    case .foldAll: model.log.folds.toggleAll()
    case .raw: model.log.isRaw.toggle()
    case .wrap:
      model.log.wraps.toggle()
      model.log.column = 0
    case .timestamps: model.log.showsTime.toggle()
    case .diagnostics: model.log.showsDiagnostics.toggle()
    case .clearLog:
      model.log.buffer.clear()
      model.log.follows = true
    case .mark:
      let text = "──────── \(ClockText.time(model.now)) ────────"
      model.log.buffer.append([LogLine(pod: "", time: model.now, text: text)])
    case .container: pickContainer(&model)
    case .save: model.askFor(.save(id), "save the log as", fileName(model))
    default: return false
    }
    return true
  }

  package func move(by rows: Int, _ model: inout Model) { view(model).scroll(&model.log, by: rows) }

  package func move(sideways cells: Int, _ model: inout Model) {
    if !model.log.wraps { model.log.column = max(0, model.log.column + cells) }
  }

  package func leave(_ model: inout Model) -> Bool {
    if !model.log.filter.isEmpty {
      model.log.filter = ""
    } else if !model.log.search.isEmpty {
      (model.log.search, model.log.match) = ("", nil)
    } else {
      return false
    }
    return true
  }

  package func setFilter(_ text: String, _ model: inout Model) { model.log.filter = text }

  package func search(_ text: String, _ model: inout Model) {
    if !text.isEmpty { model.log.search = text }
    model.log.match = nil
    if !model.log.search.isEmpty { find(forward: true, &model) }
  }

  private func find(forward: Bool, _ model: inout Model) {
    if !view(model).find(&model.log, forward: forward) { model.toast("Not found: \(model.log.search)", .plain) }
  }

  package func choose(_ container: String, _ model: inout Model) {
    switch model.log.target {
    case .runner(let name, let scaleSet, _)?:
      model.showLog(.runner(name: name, scaleSet: scaleSet, container: container), on: model.log.cluster)
    case .pod(let name, _)?: model.showLog(.pod(name: name, container: container), on: model.log.cluster)
    default: break
    }
  }

  private func pickContainer(_ model: inout Model) {
    let name: String
    switch model.log.target {
    case .runner(let runner, _, _)?: name = runner
    case .pod(let pod, _)?: name = pod
    default: return model.toast("This log has one container", .plain)
    }
    guard let pod = model.clusters[model.log.cluster].snapshot?.pod(name) else {
      return model.toast("\(name) is gone; its runner's log was kept", .plain)
    }
    model.overlays.append(
      .picker(
        PickerState(
          purpose: .pane(id), title: "Container of \(name)",
          items: pod.containers.map {
            .init(label: $0.name, detail: $0.isInit ? "init, \($0.image)" : $0.image, value: $0.name)
          })))
  }

  // MARK: Opening logs

  private func openMerged(_ model: inout Model) {
    guard let status = subjectOfLog(model) else { return }
    model.openLog(.installation(status.name, scaleSets: status.scaleSetNames), on: status.cluster)
  }

  private func openSelection(_ model: inout Model) {
    // For an installation, open the merged log of all its runners.
    if model.focusedPane.id == InstallationsPane.id { return openMerged(&model) }
    guard let runner = model.selectedRunner else { return }
    if let pod = model.selectedJobPod, model.focusedPane.id == RunnersPane.id {
      model.openLog(
        .pod(name: pod.metadata.name, container: pod.containers.first { !$0.isInit }?.name ?? ""), on: runner.cluster)
    } else {
      model.openLog(
        .runner(name: runner.name, scaleSet: runner.scaleSet, container: "runner"), on: runner.cluster)
    }
  }

  /// The installation whose listener log or merged log to open; in this pane, that of the current log.
  private func subjectOfLog(_ model: Model) -> Located<InstallationStatus>? {
    guard model.focusedPane.id == id else { return model.subject }
    switch model.log.target {
    case .runner(_, let set, _)?, .listener(let set)?:
      return model.status(ofScaleSet: set, in: model.log.cluster) ?? model.subject
    default: return model.subject
    }
  }

  package func link(_ model: Model) -> String? {
    guard case .runner(let name, let set, _)? = model.log.target else { return model.panes.second.link(model) }
    return model.job(of: name, in: model.log.cluster)?.job
      .url(host: model.host(ofScaleSet: set, in: model.log.cluster))
  }

  // MARK: Text

  package func copyText(_ model: Model) -> String? { saveText(model) }

  package func saveText(_ model: Model) -> String {
    let log = model.log
    return (log.buffer.first..<log.buffer.end).map { number in
      let line = log.buffer[number]
      let time = line.time.map { Timestamp.text($0) + " " } ?? ""
      return time + (log.target?.isMerged == true ? line.pod + " " : "") + ColoredText.plain(line.text) + "\n"
    }.joined()
  }

  private func fileName(_ model: Model) -> String {
    guard let target = model.log.target else { return "deskrun.log" }
    return target.title.replacing(" · ", with: "-").replacing(" ", with: "-") + ".log"
  }

  // MARK: Events

  package func cluster(_ model: Model) -> Int {
    model.log.target == nil ? model.subject?.cluster ?? 0 : model.log.cluster
  }

  package func shown(_ model: inout Model) { model.restartLog() }

  package func settle(_ model: inout Model) {
    model.log.chooseLines()
    guard model.log.opensAtError else { return }
    // Do not scroll if the user has scrolled away in the meantime.
    guard model.log.follows else { return model.log.opensAtError = false }
    if view(model).findError(&model.log, forward: true) { model.log.opensAtError = false }
  }

  package func hidden(_ model: inout Model) { model.ask(.followLog(nil, request: model.log.request, sources: [])) }

  package func observed(_ model: inout Model) {
    if model.log.target == nil, model.tab == id { model.followSelection() } else { model.updateLogSources() }
  }
}
