import Engine
import TerminalKit

/// The one way the model changes.
///
/// - Parameter now: seconds since 1970.
/// - Returns: what the outside world is asked to do.
package func update(_ model: inout Model, _ message: Message, at now: Int64) -> [Effect] {
  model.now = now
  model.handle(message.completed(by: model.settings.invocation))
  model.settle()
  defer { model.effects = [] }
  return model.effects
}

extension Model {
  package mutating func ask(_ effect: Effect) { effects.append(effect) }

  package mutating func handle(_ message: Message) {
    switch message {
    case .key(let key): press(key)
    case .paste(let text): paste(text)
    case .typed(let text): insert(text)
    case .click(let target): click(target)
    case .wheel(let target, let rows): wheel(target, rows)
    case .resized(let size): self.size = size
    case .tick:
      toasts.removeAll { $0.until <= now }
      learn(.time)
    case .resumed: break
    case .configuration(let result): take(configuration: result)
    case .observed(let observation): take(observation)
    case .clockSet(let shift): takeClock(shift: shift)
    case .checked(let checks):
      self.checks = checks
      isExamining = false
      showChecks()
    case .jobMark(let target, let mark):
      learn(.mark(target, mark))
      refreshRows()
    case .listener(let scaleSet, let facts):
      learn(.listener(scaleSet: scaleSet, facts))
      refreshRows()
    case .history(let records):
      learn(.history(records))
      refreshRows()
    case .found(let answer):
      learn(answer)
      refreshRows()
    case .log(let request, let news): if request == log.request { take(news) }
    case .events(let events):
      self.events = events
      refreshRows()
    case .document(let request, let result): take(document: result, request)
    case .preview, .credential, .completions: takeForForm(message)
    case .caches(let installation, let words): take(caches: words, of: installation)
    case .activityWaits, .planned, .planEvent, .activityEnded: takeActivity(message)
    case .saved(let result):
      switch result {
      case .success(let path): toast("Saved: \(path)", .good)
      case .failure(let error): toast(error.what + (error.why.map { ": \($0)" } ?? ""), .bad)
      }
    case .copied(let count):
      toast(
        count.map { "Copied \($0) characters" } ?? "Too long to be copied; save it instead", count == nil ? .bad : .good
      )
    case .opened(let result):
      switch result {
      case .success(let words): toast(words, .plain)
      case .failure(let error): toast(error.what, .bad)
      }
    case .shellEnded(let error): if let error { toast(error.what, .bad) }
    case .allEnded: break
    }
  }

  package mutating func toast(_ text: String, _ tone: Toast.Tone) {
    toasts.removeAll { $0.text == text }
    toasts.append(Toast(text: text, tone: tone, until: now + 6))
    if toasts.count > 3 { toasts.removeFirst(toasts.count - 3) }
    if tone == .bad, rings { ask(.bell) }
  }

  // MARK: Keys

  private mutating func press(_ key: Key) {
    if let command = Binding.commandInAnything(for: key) { return perform(command) }
    if case .character(let character) = key, takesText { return insert(String(character)) }
    switch overlays.last {
    case .palette(let state)?: return press(key, palette: state)
    case .prompt(let state)?: return press(key, prompt: state)
    case .dialog(let state)?: return press(key, dialog: state)
    case .picker(let state)?: return press(key, picker: state)
    case .form(let state)?: return press(key, form: state)
    case .help?, .page?, nil: break
    }
    guard let command = Binding.command(for: key, in: contexts) else { return }
    perform(command)
  }

  mutating func replaceOverlay(_ overlay: Overlay) {
    if overlays.isEmpty { overlays.append(overlay) } else { overlays[overlays.count - 1] = overlay }
  }

  mutating func closeOverlay() { if !overlays.isEmpty { overlays.removeLast() } }

  // MARK: Mouse

  private mutating func click(_ target: Target) {
    switch target {
    case .pane(let pane): focus(pane)
    case .row(let pane, let index):
      let isAgain = focus == pane && selectedIndex(of: pane) == index
      focus(pane)
      select(index, in: pane)
      if isAgain { perform(pane == .installations ? .open : .logs) }
    case .column(let pane, let column): sort(pane, by: column)
    case .tab(let tab):
      focus(.bottom)
      show(tab)
    case .command(let command): perform(command)
    case .button(let index):
      guard case .dialog(var state)? = overlays.last else { return }
      state.index = index
      press(.enter, dialog: state)
    case .field(let index): clickField(index)
    case .item(let index):
      switch overlays.last {
      case .palette(var state)?:
        state.index = index
        press(.enter, palette: state)
      case .picker(var state)?:
        state.index = index
        press(.enter, picker: state)
      default: break
      }
    }
  }

  private func selectedIndex(of pane: Pane) -> Int {
    switch pane {
    case .installations: installationTable.index
    case .runners: runnerTable.index
    case .bottom: tab == .jobs ? jobTable.index : tab == .events ? eventTable.index : -1
    }
  }

  private mutating func wheel(_ target: Target, _ rows: Int) {
    let pane: Pane
    switch target {
    case .pane(let hit), .row(let hit, _), .column(let hit, _): pane = hit
    case .tab: pane = .bottom
    default: return
    }
    scroll(pane, by: rows)
  }

  // MARK: Places

  package mutating func focus(_ pane: Pane) {
    focus = pane
    if pane == .bottom, tab == .jobs || tab == .events { refreshRows() }
  }

  package mutating func show(_ tab: Tab) {
    let former = self.tab
    self.tab = tab
    if tab == .events, former != .events { ask(.watchEvents(true)) }
    if former == .events, tab != .events { ask(.watchEvents(false)) }
    if tab == .details { refreshDetails() }
    if tab == .logs, former != .logs { restartLog() }
    if former == .logs, tab != .logs { ask(.followLog(nil, request: log.request, sources: [])) }
    refreshRows()
  }

  /// Selects a row; rows of the installations narrow the rest to theirs.
  package mutating func select(_ index: Int, in pane: Pane) {
    switch pane {
    case .installations:
      let (statuses, rows) = (statuses, installationRows)
      installationTable.select(index, count: rows.count) { statuses[rows[$0]].name }
      scope = selectedStatus?.name
      runnerTable.index = 0
      runnerTable.key = nil
      refreshRows()
      followSelection()
    case .runners:
      let rows = runnerRows
      let copy = self
      runnerTable.select(index, count: rows.count) { copy.rowKey(rows[$0]) }
      followSelection()
    case .bottom:
      switch tab {
      case .jobs: jobTable.select(index, count: jobRows.count) { jobRows[$0].id }
      case .events: eventTable.select(index, count: eventRows.count) { events[eventRows[$0]].uid }
      case .findings: findingIndex = max(0, min(index, findings.count - 1))
      default: break
      }
    }
  }

  /// Chooses the rows of all tables again.
  mutating func refreshRows() {
    let filter = RowFilter(installationTable.filter)
    installationRows = statuses.indices.filter { index in
      filter.isEmpty || filter.matches(InstallationRows.text(of: statuses[index]))
    }
    InstallationRows.sort(&installationRows, statuses, installationTable)
    runnerRows = RunnerRows.rows(snapshot, scaleSets: scopeSets, table: runnerTable, jobs: jobs)
    if tab == .jobs, jobRowsKey != jobKey { refreshJobRows() }
    if tab == .events { refreshEventRows() }
    findingIndex = max(0, min(findingIndex, findings.count - 1))
    if tab == .details { refreshDetails() }
  }

  /// What the rows of jobs follow from.
  private var jobKey: String { "\(jobs.version) \(scopeSets?.sorted() ?? []) \(showsOnlyFailed) \(jobTable.filter)" }

  private mutating func refreshJobRows() {
    jobRowsKey = jobKey
    let filter = RowFilter(jobTable.filter)
    let sets = scopeSets
    jobRows = jobs.jobs.filter { record in
      if let sets, !sets.contains(record.scaleSet) { return false }
      if showsOnlyFailed, ![.failed, .lost].contains(record.result) { return false }
      return filter.matches(
        "\(record.result.rawValue) \(record.job.name) \(record.job.repository) \(record.job.workflow) "
          + "\(record.job.ref) \(record.runner)")
    }
  }

  private mutating func refreshEventRows() {
    let filter = RowFilter(eventTable.filter)
    let sets = scopeSets
    let all = Set(statuses.flatMap(\.scaleSetNames))
    eventRows = events.indices.reversed().filter { index in
      let event = events[index]
      if showsOnlyFailed, !event.isWarning { return false }
      if let sets, event.scaleSet(among: all).map(sets.contains) != true { return false }
      return filter.matches("\(event.type) \(event.reason) \(event.kind) \(event.object) \(event.message)")
    }
  }

  /// Puts selections and scrolled places back into what there is.
  mutating func settle() {
    let layout = Layout(self)
    let statuses = statuses
    let rows = installationRows
    installationTable.settle(count: rows.count, height: layout.contentHeight(.installations)) {
      statuses[rows[$0]].name
    }
    let runners = runnerRows
    let copy = self
    runnerTable.settle(count: runners.count, height: layout.contentHeight(.runners)) { copy.rowKey(runners[$0]) }
    let height = layout.contentHeight(.bottom)
    switch tab {
    case .jobs: jobTable.settle(count: jobRows.count, height: height - 2) { copy.jobRows[$0].id }
    case .events: eventTable.settle(count: eventRows.count, height: height) { copy.events[copy.eventRows[$0]].uid }
    default: break
    }
    settleForm()
  }
}

/// Orders the installations.
enum InstallationRows {
  package static func text(of status: InstallationStatus) -> String {
    "\(status.name) \(status.installation?.mode.rawValue ?? "") \(status.installation?.target.path ?? "") "
      + (status.problem?.sentence ?? "well")
  }

  package static func sort(_ rows: inout [Int], _ statuses: [InstallationStatus], _ table: TableState) {
    func order<Key: Comparable>(_ key: (InstallationStatus) -> Key) {
      rows.sort { a, b in
        let (x, y) = (key(statuses[a]), key(statuses[b]))
        if x == y { return statuses[a].name < statuses[b].name }
        return table.isAscending ? x < y : x > y
      }
    }
    switch InstallationColumn(rawValue: table.sort) ?? .name {
    case .name: order(\.name)
    case .mode: order { $0.installation?.mode.rawValue ?? "" }
    case .target: order { $0.installation?.target.path ?? "" }
    case .runners: order { -$0.counts.busy }
    case .health: order { $0.problem == nil ? 2 : $0.problem?.severity == .bad ? 0 : 1 }
    }
  }
}
