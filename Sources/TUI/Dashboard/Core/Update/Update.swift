import Engine
import TerminalKit

/// Updates the model. The only function that changes it.
///
/// - Parameter now: seconds since 1970.
/// - Returns: the effects to perform.
package func update(_ model: inout Model, _ message: Message, at now: Int64) -> [Effect] {
  model.now = now
  let cluster = message.cluster
  let invocation = model.clusters.indices.contains(cluster) ? model.clusters[cluster].invocation : Invocation()
  model.handle(message.completed(by: invocation))
  model.settle()
  defer { model.effects = [] }
  return model.effects
}

extension Model {
  package mutating func ask(_ effect: Effect) { effects.append(effect) }

  package mutating func handle(_ message: Message) { handle(message, of: 0) }

  /// - Parameter cluster: the index of its cluster, if it is about one.
  private mutating func handle(_ message: Message, of cluster: Int) {
    switch message {
    case .of(let cluster, let message): handle(message, of: cluster)
    case .clusterFound(let target):
      add(target, isFound: true)
      refreshRows()
    case .key(let key): press(key)
    case .paste(let text): paste(text)
    case .typed(let text): insert(text)
    case .click(let target): click(target)
    case .wheel(let target, let rows): wheel(target, rows)
    case .resized(let size): self.size = size
    case .tick:
      toasts.removeAll { $0.until <= now }
      learnEverywhere(.time)
    case .resumed: break
    case .configuration(let result): take(configuration: result)
    case .observed(let observation): take(observation, of: cluster)
    case .clockSet(let shift): takeClock(shift: shift)
    case .checked(let checks): take(checks)
    case .jobMark(let target, let mark):
      learn(.mark(target, mark), of: cluster)
      refreshRows()
    case .listener(let scaleSet, let facts):
      learn(.listener(scaleSet: scaleSet, facts), of: cluster)
      refreshRows()
    case .history(let records):
      for cluster in clusters.indices { learn(.history(history(records, of: cluster)), of: cluster) }
      refreshRows()
    case .found(let answer):
      learn(answer, of: cluster)
      refreshRows()
    case .log(let request, let news): if request == log.request { log.take(news) }
    case .events(let events):
      guard clusters.indices.contains(cluster) else { break }
      clusters[cluster].events = events
      self.events = joinedEvents
      refreshRows()
    case .document(let request, let result): take(document: result, request)
    case .preview, .credential, .completions: takeForForm(message)
    case .caches(let installation, let words): take(caches: words, of: installation)
    case .scalingSettled(let name, let press): carryOutScaling(of: name, press: press)
    case .activityAsks(let activity, let asked): ask(asked, of: activity)
    case .activityWaits, .planned, .planEvent, .activityEnded: takeActivity(message)
    case .saved(let result):
      switch result {
      case .success(let path): toast("Saved: \(path)", .good)
      case .failure(let error): toast(error.what + (error.why.map { ": \($0)" } ?? ""), .bad)
      }
    case .notKept(let error):
      // Shown only once, so it must be readable; the fix has its own line, which is not truncated.
      for text in [error.what + (error.why.map { ": \($0)" } ?? ""), error.fix].compactMap({ $0 }) {
        toast(text, .bad, seconds: 12)
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

  // MARK: Keys

  private mutating func press(_ key: Key) {
    if let command = Keymap.commandInAnything(for: key) { return perform(command) }
    if case .character(let character) = key, takesText { return insert(String(character)) }
    if let overlay = overlays.last?.content, overlay.keymaps.isEmpty { return overlay.press(key, &self) }
    if let command = keymaps.command(for: key) { return perform(command) }
    if overlays.isEmpty { tellWhere(key) }
  }

  /// Shows where a key works that does nothing here.
  private mutating func tellWhere(_ key: Key) {
    let places = panes.keymaps.filter { $0.command(for: key) != nil }
    let label = settings.usesUnicode ? key.label : key.asciiLabel
    guard let command = places.first?.command(for: key) else {
      if case .character = key { toast("\(label) has no meaning; ? lists the keys", .plain) }
      return
    }
    let names = places.filter { $0.command(for: key) == command }.map(\.title)
    let text = "\(label): \(command.title). It works in \(names.joined(separator: ", "))"
    // Omit the hint rather than use a second row.
    let hint = "; Tab changes the pane"
    toast(CellText.width(text + hint) <= size.columns - 4 ? text + hint : text, .plain)
  }

  // MARK: Mouse

  private mutating func click(_ target: Target) {
    switch target {
    case .pane(let id): focus(panes.place(of: id))
    case .row(let id, let index):
      let pane = panes[id]
      let isAgain = focusedPane.id == id && pane.isSelected(index, self)
      focus(panes.place(of: id))
      pane.select(index, &self)
      if isAgain { perform(pane.opening) }
    case .column(let id, let column): sort(id, by: column)
    case .tab(let id): go(to: id)
    case .command(let command): perform(command)
    case .button, .field, .item: overlays.last?.content.click(target, &self)
    }
  }

  private mutating func wheel(_ target: Target, _ rows: Int) {
    switch target {
    case .pane(let id), .row(let id, _), .column(let id, _): panes[id].move(by: rows, &self)
    case .tab: shownTab.move(by: rows, &self)
    case .command, .button, .field, .item: break
    }
  }

  // MARK: Places

  package mutating func focus(_ place: Place) { focus = place }

  /// Shows a tab without changing the focus.
  package mutating func show(_ tab: PaneID) {
    let former = shownTab
    self.tab = tab
    if former.id != tab {
      returnsTo = nil
      former.hidden(&self)
      shownTab.shown(&self)
    }
    refreshRows()
  }

  /// Shows a tab and focuses it.
  package mutating func go(to tab: PaneID) {
    focus(.bottom)
    show(tab)
  }

  /// Updates the visible rows.
  package mutating func refreshRows() {
    panes.first.refresh(&self)
    panes.second.refresh(&self)
    shownTab.refresh(&self)
  }

  /// Moves selections and scroll positions into the valid range.
  mutating func settle() {
    // A tab may be there for a time only, as that of clusters is while there are several.
    if !shownTab.isOffered(self), let first = tabs.first { show(first.id) }
    settleToasts()
    noteNeed()
    layout = Layout(self)
    panes.first.settle(&self)
    panes.second.settle(&self)
    shownTab.settle(&self)
    formView = nil
    overlays.last?.content.settle(&self)
  }
}
