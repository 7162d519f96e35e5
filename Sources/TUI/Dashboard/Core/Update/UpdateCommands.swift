import Engine
import TerminalKit

/// Performs commands. What a command does in a pane is implemented in the pane.
extension Model {
  package mutating func perform(_ command: Command) {
    if case .no(let why) = availability(command) {
      toast("\(command.title): \(why)", .plain, refused: command)
      return
    }
    if let overlay = overlays.last?.content, overlay.perform(command, &self) { return }
    if move(command) || place(command) || table(command) || program(command) || changeCluster(command) { return }
    let (focused, shown) = (focusedPane, shownTab)
    if focused.perform(command, &self) || shown.perform(command, &self) { return }
    for pane in panes.all where pane.perform(command, &self) { return }
  }

  /// The first pane's answer that is not nil: the focused pane, the visible tab, then all.
  func firstAnswer<Answer>(_ ask: (any Pane) -> Answer?) -> Answer? {
    if let answer = ask(focusedPane) ?? ask(shownTab) { return answer }
    for pane in panes.all { if let answer = ask(pane) { return answer } }
    return nil
  }

  // MARK: Scrolling and selection

  private mutating func move(_ command: Command) -> Bool {
    let page = max(1, layout.height(of: focus) - 1)
    let pane = focusedPane
    switch command {
    case .up: pane.move(by: -1, &self)
    case .down: pane.move(by: 1, &self)
    case .pageUp: pane.move(by: -page, &self)
    case .pageDown: pane.move(by: page, &self)
    case .halfUp: pane.move(by: -max(1, page / 2), &self)
    case .halfDown: pane.move(by: max(1, page / 2), &self)
    case .top: pane.move(by: -1_000_000, &self)
    case .bottom: pane.move(by: 1_000_000, &self)
    case .left: pane.move(sideways: -8, &self)
    case .right: pane.move(sideways: 8, &self)
    default: return false
    }
    return true
  }

  // MARK: Places

  private mutating func place(_ command: Command) -> Bool {
    switch command {
    case .nextPane, .previousPane:
      let all = Place.allCases
      let at = all.firstIndex(of: focus) ?? 0
      focus(all[(at + (command == .nextPane ? 1 : all.count - 1)) % all.count])
    case .paneInstallations: focus(.first)
    case .paneRunners: focus(.second)
    case .paneBottom: focus(.bottom)
    case .previousTab, .nextTab:
      let all = tabs
      let at = all.firstIndex { $0.id == tab } ?? 0
      show(all[(at + (command == .nextTab ? 1 : all.count - 1)) % all.count].id)
    case .zoom: isZoomed.toggle()
    case .back: goBack()
    case .showAll:
      (scope, clusterScope) = (nil, nil)
      refreshRows()
    case .growBottom: bottomShare = min(80, shownShare + 5)
    case .shrinkBottom: bottomShare = max(15, shownShare - 5)
    case .shareHeight: bottomShare = nil
    default: return false
    }
    return true
  }

  /// The current height of the bottom pane in percent, in steps of 5.
  private var shownShare: Int {
    guard bottomShare == nil, let pane = layout.panes[.bottom], layout.body.height > 0 else { return bottomShare ?? 40 }
    return (pane.height * 100 / layout.body.height + 2) / 5 * 5
  }

  private mutating func goBack() {
    if !overlays.isEmpty { return closeOverlay() }
    if focus == .bottom, let tab = returnsTo {
      if focusedPane.leave(&self) { refreshRows() } else { show(tab) }
      return
    }
    if isZoomed { return isZoomed = false }
    if !focusedPane.leave(&self) {
      switch focus {
      case .bottom: focus = lookedFrom
      case .first, .second:
        if scope != nil { scope = nil } else if clusterScope != nil { clusterScope = nil } else { focus = .first }
      }
    }
    refreshRows()
  }

  // MARK: Tables

  private mutating func table(_ command: Command) -> Bool {
    switch command {
    case .filter: if let text = focusedPane.filter(self) { askFor(.filter(focusedPane.id), "filter", text) }
    case .sort: pickSort()
    case .reverseSort:
      self[table: sortable.id].isAscending.toggle()
      refreshRows()
    case .onlyFailed:
      showsOnlyFailed.toggle()
      refreshRows()
    case .copy: if let text = focusedPane.copyText(self) { ask(.copy(text)) }
    default: return false
    }
    return true
  }

  /// The table to sort.
  private var sortable: any Pane { focusedPane.columns.isEmpty ? panes.second : focusedPane }

  private mutating func pickSort() {
    let pane = sortable
    let sort = self[table: pane.id].sort
    overlays.append(
      .picker(
        PickerState(
          purpose: .sort(pane.id), title: "Sort by",
          items: pane.columns.enumerated().filter { pane.isOffered(column: $0.offset, self) }.map { at, title in
            .init(label: title.lowercased(), detail: at == sort ? "now; again reverses it" : "", value: String(at))
          }, index: sort)))
  }

  mutating func sort(_ pane: PaneID, by column: Int) {
    if self[table: pane].sort == column {
      self[table: pane].isAscending.toggle()
    } else {
      (self[table: pane].sort, self[table: pane].isAscending) = (column, true)
    }
    refreshRows()
  }

  // MARK: The program

  private mutating func program(_ command: Command) -> Bool {
    switch command {
    case .help: overlays.append(.page(HelpText.page(for: self)))
    case .palette: overlays.append(.palette(PaletteState()))
    case .quit: quit()
    case .suspend: ask(.suspend)
    case .redraw: ask(.redraw)
    case .retry:
      ask(.loadConfiguration)
      ask(.retryCluster)
      toast("Querying the cluster again", .plain)
    case .doctor: showDoctor()
    case .theme:
      let names = Theme.names
      let next = ((names.firstIndex(of: settings.theme.name) ?? 0) + 1) % names.count
      settings.theme = Theme.named(names[next]) ?? .terminal
      chosenTheme = settings.theme.name
      toast("Colors: \(names[next])", .plain)
    case .bell:
      rings.toggle()
      toast(rings ? "Bell on: rings when something fails" : "Bell off", .plain)
    case .saveScreen: askFor(.saveScreen, "save the screen as", "deskrun-screen.txt")
    default: return false
    }
    return true
  }

  private mutating func quit() {
    startAllScalings()
    let running = activities.filter { !$0.isOver }
    guard !running.isEmpty else { return ask(.quit) }
    ask(
      "Quit?",
      [.text(running.count == 1 ? "This still runs:" : "These still run:")] + running.map { .text("  " + $0.title) }
        + [.text("It is canceled at its current step, and can be run again.")],
      orNot: "Stay", [("Cancel it and quit", .quit)])
  }
}
