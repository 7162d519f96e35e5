import Engine
import TerminalKit

/// A line of input at the bottom of the screen.
package struct PromptState: Sendable, Equatable {
  package enum Purpose: Sendable, Equatable {
    /// Applied while typing.
    case filter(PaneID)
    /// Searches the text of a pane; nil for that of the page below.
    case search(PaneID?)
    case save(PaneID?)
    case saveScreen
    case scale(String)
  }

  package var purpose: Purpose
  package var label: String
  package var field: TextField
  /// The previous text, restored by Esc.
  package var former: String
  package var problem: String?
}

extension PromptState: OverlayContent {
  var takesText: Bool { true }

  func press(_ key: Key, _ model: inout Model) {
    var state = self
    switch key {
    case .escape, .control("c"):
      model.closeOverlay()
      return act(former, &model)
    case .enter:
      guard let problem = accept(&model) else { return }
      state.problem = problem
    default:
      guard state.field.handle(key) else { return }
      state.problem = nil
    }
    model.replaceOverlay(.prompt(state))
    act(state.field.text, &model)
  }

  func insert(_ text: String, _ model: inout Model) -> Bool {
    var state = self
    let fits = state.field.insert(text)
    state.problem = nil
    model.replaceOverlay(.prompt(state))
    if fits { act(state.field.text, &model) }
    return fits
  }

  private func act(_ text: String, _ model: inout Model) {
    if case .filter(let pane) = purpose { model.panes[pane].setFilter(text, &model) }
  }

  /// - Returns: what is wrong with the input; nil if it was accepted.
  private func accept(_ model: inout Model) -> String? {
    let text = InstallationDraft.trimmed(field.text)
    switch purpose {
    case .filter: model.closeOverlay()
    case .search(let pane):
      model.closeOverlay()
      if let pane { model.panes[pane].search(text, &model) } else { model.searchPage(text) }
    case .scale(let name): return scale(name, text, &model)
    case .save(let pane):
      guard let path = path(text, model) else { return "write a path" }
      model.closeOverlay()
      model.ask(.save(text: pane.map { model.panes[$0].saveText(model) } ?? model.pageText, path: path))
    case .saveScreen:
      guard let path = path(text, model) else { return "write a path" }
      model.closeOverlay()
      model.ask(.saveScreen(path: path))
    }
    return nil
  }

  private func path(_ text: String, _ model: Model) -> String? {
    guard !text.isEmpty, !text.hasSuffix("/") else { return nil }
    return text.hasPrefix("~/") ? model.settings.home + text.dropFirst() : text
  }

  private func scale(_ name: String, _ text: String, _ model: inout Model) -> String? {
    guard let installation = model.configured(name)?.value.installation else {
      model.closeOverlay()
      return nil
    }
    do throws(EngineError) {
      let counts = try Scaling(text).counts(from: installation.runners, of: name)
      model.closeOverlay()
      model.pendingScalings[name] = nil
      model.start(.scale(name, Scaling(to: counts, from: installation.runners)), on: model.cluster(of: name))
      return nil
    } catch { return Self.words(error, installation.runners) }
  }

  /// Whether it has a line of its own above the input, which says what the counts will change.
  var hasForecast: Bool { if case .scale = purpose { true } else { false } }

  /// The effect of the typed counts, or why they are invalid.
  private func forecast(_ model: Model) -> (text: String, role: Role)? {
    guard case .scale(let name) = purpose, problem == nil,
      let runners = model.configured(name)?.value.installation?.runners
    else { return nil }
    do throws(EngineError) {
      let counts = try Scaling(field.text).counts(from: runners, of: name)
      return (Scaling.words(from: runners, to: counts), counts == runners ? .dim : .text)
    } catch { return (Self.words(error, runners), field.text.isEmpty ? .dim : .bad) }
  }

  private static func words(_ error: EngineError, _ runners: RunnerCounts) -> String {
    "\(error.what); MIN-MAX sets both, now \(runners.minimum)-\(runners.maximum)"
  }

  /// The action of Enter.
  private var verb: String {
    switch purpose {
    case .filter: "apply"
    case .search: "search"
    case .save, .saveScreen: "save"
    case .scale: "scale"
    }
  }

  func draw(_ painter: inout Painter, _ model: Model) {
    let y = model.size.rows - 1
    let rect = Rect(x: 0, y: y, width: model.size.columns, height: 1)
    painter.clear(rect)
    painter.coverHits()
    var x = 1
    x += painter.put(label + ": ", .key, x: x, y: y, width: max(1, rect.width * 2 / 3))
    let count: String? = if case .filter(let pane) = purpose { model.panes[pane].filtered(model) } else { nil }
    let forecast = forecast(model)
    let help = problem ?? [count, "Enter \(verb)   Esc cancel"].compactMap(\.self).joined(separator: "   ")
    let room = max(4, rect.width - x - 1)
    let window = field.window(room, masked: false)
    painter.put(window.text, field.isSelected ? .inputFocused : .strong, x: x, y: y, width: room)
    painter.showCursor(x: x + window.cursor, y: y)
    let end = x + CellText.width(field.text) + 3
    let fits = rect.width - end > CellText.width(help) + 1
    if fits {
      painter.putRight(
        help, problem == nil ? .dim : .bad, right: rect.width - 1, y: y, width: CellText.width(help))
    }
    // The forecast has its own line, so that it does not move while typing.
    if let above = forecast ?? problem.flatMap({ fits ? nil : (text: $0, role: Role.bad) }), y > 0 {
      painter.clear(Rect(x: 0, y: y - 1, width: rect.width, height: 1))
      painter.put(above.text, above.role, x: 1, y: y - 1, width: rect.width - 2)
    }
  }
}

extension Model {
  /// - Parameter isSelected: whether typing replaces the text.
  package mutating func askFor(
    _ purpose: PromptState.Purpose, _ label: String, _ text: String, isSelected: Bool = false
  ) {
    // A new search usually has nothing in common with the previous one.
    let isSearch = if case .search = purpose { true } else { false }
    overlays.append(
      .prompt(
        PromptState(
          purpose: purpose, label: label, field: TextField(text, isSelected: isSelected || isSearch), former: text)))
  }

  /// - Parameter maximum: the proposed value; nil for the current one.
  package mutating func askForScale(_ installation: Installation, maximum: Int? = nil) {
    let name = installation.name.description
    let counts = pendingScalings[name]?.to ?? installation.runners
    let text = maximum.map { "\(min(counts.minimum, $0))-\($0)" } ?? "\(counts.minimum)-\(counts.maximum)"
    askFor(.scale(name), "runners of \(name), MAX or MIN-MAX", text, isSelected: true)
  }
}
