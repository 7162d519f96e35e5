import Engine
import TerminalKit

/// Keys in what lies over the dashboard.
extension Model {
  // MARK: Pages

  /// - Returns: whether the page knew what to do.
  mutating func performOnPage(_ command: Command, _ page: inout TextPage) -> Bool {
    let height = max(1, size.rows - 2)
    switch command {
    case .up: page.scroll(by: -1, height: height)
    case .down: page.scroll(by: 1, height: height)
    case .pageUp: page.scroll(by: -(height - 1), height: height)
    case .pageDown: page.scroll(by: height - 1, height: height)
    case .halfUp: page.scroll(by: -height / 2, height: height)
    case .halfDown: page.scroll(by: height / 2, height: height)
    case .top: page.scroll(by: -1_000_000, height: height)
    case .bottom: page.scroll(by: 1_000_000, height: height)
    case .left: page.column = max(0, page.column - 8)
    case .right: page.column += 8
    case .searchNext: page.find(forward: true, height: height)
    case .searchPrevious: page.find(forward: false, height: height)
    case .search: askFor(.searchPage, page.search)
    case .save: askFor(.savePage, page.fileName)
    case .copy: ask(.copy(page.lines.joined(separator: "\n")))
    default: return false
    }
    return true
  }

  // MARK: Palette

  /// What the palette offers: what its words are found in, what can be done now first.
  package func paletteItems(_ text: String) -> [(command: Command, availability: Availability)] {
    let words = text.lowercased().split(separator: " ").map(String.init)
    let found = Command.allCases.filter { command in
      guard command.isInPalette else { return false }
      let title = (command.title + " " + command.rawValue).lowercased()
      return words.allSatisfy { Self.isSubsequence($0, of: title) }
    }.map { ($0, availability($0)) }
    func rank(_ item: (Command, Availability)) -> Int {
      let title = item.0.title.lowercased()
      let direct = words.allSatisfy(title.contains) ? 0 : 2
      return direct + (item.1 == .yes ? 0 : 1)
    }
    return found.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  private static func isSubsequence(_ word: String, of text: String) -> Bool {
    var rest = text[...]
    for character in word {
      guard let found = rest.firstIndex(of: character) else { return false }
      rest = rest[rest.index(after: found)...]
    }
    return true
  }

  package mutating func press(_ key: Key, palette state: PaletteState) {
    var state = state
    let items = paletteItems(state.field.text)
    switch key {
    case .escape, .control("c"): return closeOverlay()
    case .enter:
      closeOverlay()
      if items.indices.contains(state.index) { perform(items[state.index].command) }
      return
    case .up, .control("p"): state.index = max(0, state.index - 1)
    case .down, .control("n"), .tab: state.index = min(max(0, items.count - 1), state.index + 1)
    case .pageUp: state.index = max(0, state.index - 10)
    case .pageDown: state.index = min(max(0, items.count - 1), state.index + 10)
    default: if state.field.handle(key) { state.index = 0 }
    }
    replaceOverlay(.palette(state))
  }

  // MARK: Pickers

  package mutating func press(_ key: Key, picker state: PickerState) {
    var state = state
    // A letter goes to the next choice that begins with it.
    if case .character(let letter) = key {
      let count = state.items.count
      let order = (0..<count).map { (state.index + 1 + $0) % count }
      if let found = order.first(where: { state.items[$0].label.lowercased().hasPrefix(letter.lowercased()) }) {
        state.index = found
        return replaceOverlay(.picker(state))
      }
    }
    switch key {
    case .escape, .control("c"), .character("q"): return closeOverlay()
    case .up, .character("k"): state.index = max(0, state.index - 1)
    case .down, .character("j"), .tab: state.index = min(max(0, state.items.count - 1), state.index + 1)
    case .enter:
      closeOverlay()
      if state.items.indices.contains(state.index) { pick(state.items[state.index].value, state.purpose) }
      return
    default: break
    }
    replaceOverlay(.picker(state))
  }

  private mutating func pick(_ value: String, _ purpose: PickerState.Purpose) {
    switch purpose {
    case .sort(let pane): sort(pane, by: Int(value) ?? 0)
    case .container:
      switch log.target {
      case .runner(let name, let scaleSet, _)?:
        showLog(.runner(name: name, scaleSet: scaleSet, container: value), pinned: true)
      case .pod(let name, _)?: showLog(.pod(name: name, container: value), pinned: true)
      default: break
      }
    case .copy: ask(.copy(value))
    }
  }

  // MARK: Dialogs

  package mutating func press(_ key: Key, dialog state: DialogState) {
    var state = state
    let count = state.buttons.count
    switch key {
    case .escape, .control("c"), .character("n"), .character("q"): return closeOverlay()
    case .tab, .right, .down, .character("l"), .character("j"): state.index = (state.index + 1) % max(1, count)
    case .backTab, .left, .up, .character("h"), .character("k"):
      state.index = (state.index + count - 1) % max(1, count)
    case .enter:
      closeOverlay()
      guard state.buttons.indices.contains(state.index) else { return }
      switch state.buttons[state.index].action {
      case .close: return
      case .quit: ask(.quit)
      case .run(let request): start(request)
      case .cancelActivity(let id):
        if let at = activities.firstIndex(where: { $0.id == id }) { activities[at].isCancelling = true }
        ask(.cancel(activity: id))
      }
      return
    default: break
    }
    replaceOverlay(.dialog(state))
  }

  // MARK: Prompts

  package mutating func press(_ key: Key, prompt state: PromptState) {
    var state = state
    switch key {
    case .escape, .control("c"):
      closeOverlay()
      var former = state
      former.field.set(state.former)
      return applyLive(former)
    case .enter:
      switch accept(state) {
      case nil: return
      case let problem?: state.problem = problem
      }
    default:
      guard state.field.handle(key) else { return }
      state.problem = nil
    }
    replaceOverlay(.prompt(state))
    applyLive(state)
  }

  /// A filter acts while it is typed.
  mutating func applyLive(_ state: PromptState) {
    let text = state.field.text
    switch state.purpose {
    case .filterRows(let pane):
      switch pane {
      case .installations: installationTable.filter = text
      case .runners: runnerTable.filter = text
      case .bottom: if tab == .jobs { jobTable.filter = text } else { eventTable.filter = text }
      }
      refreshRows()
    case .filterLog: log.filter = text
    default: break
    }
  }

  /// - Returns: what is wrong with what was typed.
  private mutating func accept(_ state: PromptState) -> String? {
    let text = InstallationDraft.trimmed(state.field.text)
    switch state.purpose {
    case .filterRows, .filterLog: closeOverlay()
    case .searchLog:
      closeOverlay()
      if !text.isEmpty { log.search = text }
      log.match = nil
      if !log.search.isEmpty { findInLog(forward: true) }
    case .searchPage:
      closeOverlay()
      searchPage(text)
    case .scale(let name): return acceptScale(text, name)
    case .saveLog:
      guard let path = savePath(text) else { return "write a path" }
      closeOverlay()
      ask(.save(text: logText, path: path))
    case .savePage:
      guard let path = savePath(text) else { return "write a path" }
      closeOverlay()
      switch overlays.last {
      case .page(let page)?, .help(let page)?:
        ask(.save(text: page.lines.joined(separator: "\n") + "\n", path: path))
      default: ask(.save(text: details.lines.joined(separator: "\n") + "\n", path: path))
      }
    case .saveScreen:
      guard let path = savePath(text) else { return "write a path" }
      closeOverlay()
      ask(.saveScreen(path: path))
    }
    return nil
  }

  private func savePath(_ text: String) -> String? {
    guard !text.isEmpty, !text.hasSuffix("/") else { return nil }
    return text.hasPrefix("~/") ? settings.home + text.dropFirst() : text
  }

  var logText: String {
    (log.buffer.first..<log.buffer.end).map { number in
      let line = log.buffer[number]
      let time = line.time.map { Timestamp.text($0) + " " } ?? ""
      return time + (log.target?.isMerged == true ? line.pod + " " : "") + ColoredText.plain(line.text) + "\n"
    }.joined()
  }

  private mutating func searchPage(_ text: String) {
    switch overlays.last {
    case .page(var page)?:
      if !text.isEmpty { page.search = text }
      page.match = nil
      page.find(forward: true, height: max(1, size.rows - 2))
      replaceOverlay(.page(page))
      tellMissing(page)
    case .help(var page)?:
      if !text.isEmpty { page.search = text }
      page.match = nil
      page.find(forward: true, height: max(1, size.rows - 2))
      replaceOverlay(.help(page))
      tellMissing(page)
    default:
      if !text.isEmpty { details.search = text }
      details.match = nil
      details.find(forward: true, height: Layout(self).contentHeight(.bottom))
      tellMissing(details)
    }
  }

  private mutating func tellMissing(_ page: TextPage) {
    if page.match == nil, !page.search.isEmpty { toast("Not found: \(page.search)", .plain) }
  }

  private mutating func acceptScale(_ text: String, _ name: String) -> String? {
    guard let installation = statuses.first(where: { $0.name == name })?.installation else {
      closeOverlay()
      return nil
    }
    let parts = text.split(separator: "-", maxSplits: 1).map { InstallationDraft.trimmed(String($0)) }
    do throws(EngineError) {
      guard let last = parts.last else { return "write MIN-MAX or MAX, for example 1-5" }
      let maximum = try RunnerCounts.count(last, field: "at most")
      let minimum =
        parts.count == 2
        ? try RunnerCounts.count(parts[0], field: "at least") : min(installation.runners.minimum, maximum)
      _ = try RunnerCounts(minimum: minimum, maximum: maximum)
      closeOverlay()
      start(.scale(name, minimum: minimum, maximum: maximum, from: installation.runners))
      return nil
    } catch { return error.what }
  }
}
