import Engine
import TerminalKit

/// What commands do.
extension Model {
  package mutating func perform(_ command: Command) {
    if case .no(let why) = availability(command) {
      toast("\(command.title): not now, \(why)", .plain)
      return
    }
    // A prompt that the page opens lies above it, so the page is put back at its own place.
    let top = overlays.count - 1
    if case .page(var page)? = overlays.last, performOnPage(command, &page) {
      overlays[top] = .page(page)
      return
    }
    if case .help(var page)? = overlays.last, performOnPage(command, &page) {
      overlays[top] = .help(page)
      return
    }
    if move(command) || place(command) || program(command) || text(command) { return }
    act(command)
  }

  // MARK: Moving

  private mutating func move(_ command: Command) -> Bool {
    let page = max(1, Layout(self).contentHeight(focus) - 1)
    switch command {
    case .up: moveSelection(by: -1)
    case .down: moveSelection(by: 1)
    case .pageUp: moveSelection(by: -page)
    case .pageDown: moveSelection(by: page)
    case .halfUp: moveSelection(by: -max(1, page / 2))
    case .halfDown: moveSelection(by: max(1, page / 2))
    case .top: moveSelection(by: -1_000_000)
    case .bottom: moveSelection(by: 1_000_000)
    case .left: sideways(-8)
    case .right: sideways(8)
    default: return false
    }
    return true
  }

  private mutating func moveSelection(by rows: Int) { scrollOrSelect(focus, by: rows) }

  private mutating func scrollOrSelect(_ pane: Pane, by rows: Int) {
    switch pane {
    case .installations: select(installationTable.index + rows, in: .installations)
    case .runners: select(runnerTable.index + rows, in: .runners)
    case .bottom:
      switch tab {
      case .logs: scrollLog(by: rows)
      case .events: select(eventTable.index + rows, in: .bottom)
      case .jobs: select(jobTable.index + rows, in: .bottom)
      case .findings: select(findingIndex + (rows > 0 ? 1 : -1), in: .bottom)
      case .details: details.scroll(by: rows, height: Layout(self).contentHeight(.bottom))
      case .activity: if rows != 0 { moveActivity(rows > 0 ? 1 : -1) }
      }
    }
  }

  /// The wheel: text scrolls, tables move their selection, whatever has the focus.
  mutating func scroll(_ pane: Pane, by rows: Int) { scrollOrSelect(pane, by: rows) }

  private mutating func sideways(_ cells: Int) {
    guard focus == .bottom else { return }
    switch tab {
    case .logs: if !log.wraps { log.column = max(0, log.column + cells) }
    case .details: details.column = max(0, details.column + cells)
    default: break
    }
  }

  mutating func scrollLog(by rows: Int) {
    let view = LogView(log: log, width: bottomWidth, height: Layout(self).contentHeight(.bottom) - 1)
    view.scroll(&log, by: rows)
  }

  var bottomWidth: Int { Layout(self).panes[.bottom]?.width ?? size.columns }

  // MARK: Places

  private mutating func place(_ command: Command) -> Bool {
    switch command {
    case .nextPane, .previousPane:
      let all = Pane.allCases
      let at = all.firstIndex(of: focus) ?? 0
      focus(all[(at + (command == .nextPane ? 1 : all.count - 1)) % all.count])
    case .paneInstallations: focus(.installations)
    case .paneRunners: focus(.runners)
    case .paneBottom: focus(.bottom)
    case .previousTab, .nextTab:
      let all = Tab.allCases
      show(all[(tab.rawValue + (command == .nextTab ? 1 : all.count - 1)) % all.count])
    case .tabLogs: show(.logs)
    case .tabEvents:
      focus(.bottom)
      show(.events)
    case .tabJobs:
      focus(.bottom)
      show(.jobs)
    case .tabFindings:
      focus(.bottom)
      show(.findings)
    case .tabActivity:
      focus(.bottom)
      show(.activity)
    case .tabDetails: show(.details)
    case .zoom: isZoomed.toggle()
    case .back: goBack()
    case .showAll:
      scope = nil
      refreshRows()
    case .growBottom: bottomShare = min(80, bottomShare + 5)
    case .shrinkBottom: bottomShare = max(15, bottomShare - 5)
    case .open: open()
    default: return false
    }
    return true
  }

  private mutating func goBack() {
    if !overlays.isEmpty { return closeOverlay() }
    if isZoomed { return isZoomed = false }
    switch focus {
    case .bottom where tab == .logs && !log.filter.isEmpty: log.filter = ""
    case .bottom where tab == .logs && !log.search.isEmpty: (log.search, log.match) = ("", nil)
    case .bottom where tab == .jobs && (!jobTable.filter.isEmpty || showsOnlyFailed):
      jobTable.filter = ""
      showsOnlyFailed = false
    case .bottom where tab == .events && (!eventTable.filter.isEmpty || showsOnlyFailed):
      eventTable.filter = ""
      showsOnlyFailed = false
    case .bottom: focus = .runners
    case .runners where !runnerTable.filter.isEmpty: runnerTable.filter = ""
    case .installations where !installationTable.filter.isEmpty: installationTable.filter = ""
    default:
      if scope != nil { scope = nil } else { focus = .installations }
    }
    refreshRows()
  }

  private mutating func open() {
    if focus == .bottom, tab == .findings {
      guard let name = selectedFinding?.installation,
        let index = installationRows.firstIndex(where: { statuses[$0].name == name })
      else { return }
      select(index, in: .installations)
      focus(.runners)
      return
    }
    if let name = selectedStatus?.name { scope = name }
    refreshRows()
    focus(.runners)
  }

  // MARK: The program

  private mutating func program(_ command: Command) -> Bool {
    switch command {
    case .help: overlays.append(.help(HelpText.page(for: self)))
    case .palette: overlays.append(.palette(PaletteState()))
    case .quit: quit()
    case .suspend: ask(.suspend)
    case .redraw: ask(.redraw)
    case .retry:
      ask(.loadConfiguration)
      ask(.retryCluster)
      toast("Asking again", .plain)
    case .doctor:
      overlays.append(.page(TextPage(title: Self.doctorTitle, text: "Looking …")))
      isExamining = true
      ask(.examine)
    case .theme:
      let names = Theme.names
      let next = ((names.firstIndex(of: settings.theme.name) ?? 0) + 1) % names.count
      settings.theme = Theme.named(names[next]) ?? .terminal
      chosenTheme = settings.theme.name
      toast("Colours: \(names[next])", .plain)
    case .bell:
      rings.toggle()
      toast(rings ? "The bell rings when something fails" : "The bell is silent", .plain)
    case .saveScreen: askFor(.saveScreen, "deskrun-screen.txt")
    default: return false
    }
    return true
  }

  private mutating func quit() {
    let running = activities.filter { !$0.isOver }
    guard !running.isEmpty else { return ask(.quit) }
    overlays.append(
      .dialog(
        DialogState(
          title: "Quit?",
          lines: [.text(running.count == 1 ? "This still runs:" : "These still run:")]
            + running.map { .text("  " + $0.title) }
            + [.text("It is cancelled at the step it is at, and can be run again.")],
          buttons: [.init(label: "Stay", action: .close), .init(label: "Cancel it and quit", action: .quit)])))
  }

  mutating func askFor(_ purpose: PromptState.Purpose, _ text: String) {
    overlays.append(.prompt(PromptState(purpose: purpose, field: TextField(text), former: text)))
  }

  // MARK: Text

  private mutating func text(_ command: Command) -> Bool {
    switch command {
    case .follow:
      if log.follows { scrollLog(by: 0, freezing: true) } else { log.follows = true }
    case .search:
      if tab == .details { askFor(.searchPage, details.search) } else { askFor(.searchLog, log.search) }
    case .searchNext, .searchPrevious:
      if tab == .details {
        details.find(forward: command == .searchNext, height: Layout(self).contentHeight(.bottom))
      } else {
        findInLog(forward: command == .searchNext)
      }
    case .filterLog: askFor(.filterLog, log.filter)
    case .wrap:
      log.wraps.toggle()
      log.column = 0
    case .timestamps: log.showsTime.toggle()
    case .diagnostics: log.showsDiagnostics.toggle()
    case .clearLog:
      log.buffer.clear()
      log.follows = true
    case .mark:
      log.buffer.append([LogLine(pod: "", time: now, text: "──────── \(ClockText.time(now)) ────────")])
    case .container: pickContainer()
    case .save:
      if tab == .details { askFor(.savePage, details.fileName) } else { askFor(.saveLog, logFileName) }
    case .filter: askFor(.filterRows(focus), filterText(of: focus))
    case .sort: pickSort()
    case .reverseSort:
      if focus == .installations { installationTable.isAscending.toggle() } else { runnerTable.isAscending.toggle() }
      refreshRows()
    case .onlyFailed:
      showsOnlyFailed.toggle()
      refreshRows()
    default: return false
    }
    return true
  }

  private mutating func scrollLog(by rows: Int, freezing: Bool) {
    let view = LogView(log: log, width: bottomWidth, height: Layout(self).contentHeight(.bottom) - 1)
    view.freeze(&log)
  }

  mutating func findInLog(forward: Bool) {
    let view = LogView(log: log, width: bottomWidth, height: Layout(self).contentHeight(.bottom) - 1)
    if !view.find(&log, forward: forward) { toast("Not found: \(log.search)", .plain) }
  }

  private var logFileName: String {
    guard let target = log.target else { return "deskrun.log" }
    return target.title.replacing(" · ", with: "-").replacing(" ", with: "-") + ".log"
  }

  func filterText(of pane: Pane) -> String {
    switch pane {
    case .installations: installationTable.filter
    case .runners: runnerTable.filter
    case .bottom: tab == .jobs ? jobTable.filter : eventTable.filter
    }
  }

  private mutating func pickSort() {
    let pane: Pane = focus == .installations ? .installations : .runners
    let titles =
      pane == .installations
      ? InstallationColumn.allCases.map { ($0.title, $0.rawValue) }
      : RunnerColumn.allCases.map { ($0.title, $0.rawValue) }
    let table = pane == .installations ? installationTable : runnerTable
    overlays.append(
      .picker(
        PickerState(
          purpose: .sort(pane), title: "Sort by",
          items: titles.map { title, value in
            .init(
              label: title.lowercased(), detail: value == table.sort ? "now; again turns it round" : "",
              value: String(value))
          }, index: table.sort)))
  }

  package mutating func sort(_ pane: Pane, by column: Int) {
    func change(_ table: inout TableState) {
      if table.sort == column { table.isAscending.toggle() } else { (table.sort, table.isAscending) = (column, true) }
    }
    if pane == .installations { change(&installationTable) } else { change(&runnerTable) }
    refreshRows()
  }

  private mutating func pickContainer() {
    let name: String
    switch log.target {
    case .runner(let runner, _, _)?: name = runner
    case .pod(let pod, _)?: name = pod
    default: return toast("This log has one container", .plain)
    }
    guard let pod = snapshot?.pod(name) else {
      return toast("\(name) is gone; its runner's log was kept", .plain)
    }
    overlays.append(
      .picker(
        PickerState(
          purpose: .container, title: "Container of \(name)",
          items: pod.containers.map {
            .init(label: $0.name, detail: $0.isInit ? "init, \($0.image)" : $0.image, value: $0.name)
          })))
  }
}
