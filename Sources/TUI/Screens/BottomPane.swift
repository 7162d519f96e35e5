import Engine

/// The pane at the bottom: a tab each for logs, events, jobs, findings, activity and details.
struct BottomPane {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    drawTabs(&painter, title)
    painter.hit(body, .pane(.bottom))
    switch model.tab {
    case .logs: LogTab(model: model).draw(&painter, body)
    case .events: EventsTab(model: model).draw(&painter, body)
    case .jobs: JobsTab(model: model).draw(&painter, body)
    case .findings: FindingsTab(model: model).draw(&painter, body)
    case .activity: ActivityTab(model: model).draw(&painter, body)
    case .details: DetailsTab(model: model).draw(&painter, body)
    }
  }

  private func label(_ tab: Tab) -> String {
    switch tab {
    case .findings:
      let count = model.findings.count
      return count > 0 ? "Findings \(count)" : tab.title
    case .activity:
      let count = model.activities.filter { !$0.isOver }.count
      return count > 0 ? "Activity \(count)" : tab.title
    default: return tab.title
    }
  }

  private func drawTabs(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let isFocused = model.focus == .bottom
    painter.rule(rect)
    painter.hit(rect, .pane(.bottom))
    var x = rect.x + 1
    x += painter.put(" 3 ", isFocused ? .titleFocused : .title, x: x, y: rect.y, width: rect.right - x)
    // Where not all fit, the one that is shown comes first.
    let all = Tab.allCases
    let needed = all.reduce(0) { $0 + CellText.width(label($1)) + 3 }
    let tabs = needed > rect.width - 6 ? [model.tab] + all.filter { $0 != model.tab } : all
    for (index, tab) in tabs.enumerated() {
      let text = label(tab)
      let width = CellText.width(text) + (index == 0 ? 1 : 3)
      guard x + width < rect.right - 1 else { break }
      if index > 0 { x += painter.put(painter.glyphs.separator + " ", .rule, x: x, y: rect.y, width: 2) }
      let isShown = tab == model.tab
      let role: Role = isShown ? (isFocused ? .titleFocused : .strong) : tabRole(tab)
      let start = x
      let used = painter.put(text, role, x: x, y: rect.y, width: rect.right - x)
      if isShown { painter.restyle(Rect(x: x, y: rect.y, width: used, height: 1)) { $0.attributes.insert(.underline) } }
      x += used
      x += painter.put(" ", .rule, x: x, y: rect.y, width: 1)
      painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .tab(tab))
    }
    let right = rightText
    guard !right.isEmpty else { return }
    let text = " " + right + " "
    let room = rect.right - 1 - x
    guard room >= 10 else { return }
    painter.putRight(text, isFocused ? .titleFocused : .title, right: rect.right - 1, y: rect.y, width: room)
  }

  private func tabRole(_ tab: Tab) -> Role {
    if tab == .findings, model.findings.contains(where: { $0.severity == .bad }) { return .bad }
    if tab == .findings, !model.findings.isEmpty { return .warning }
    if tab == .activity, model.activities.contains(where: { !$0.isOver }) { return .warning }
    return .title
  }

  private var rightText: String {
    switch model.tab {
    case .logs:
      guard model.log.target != nil else { return "" }
      if model.log.follows {
        switch model.log.phase {
        case .ended: return "ended"
        case .loading: return "loading"
        case .failed: return ""
        default: return "following"
        }
      }
      return model.log.unseen > 0 ? "paused · \(model.log.unseen) new" : "paused"
    case .events: return "\(model.scope ?? "all") · \(model.eventRows.count)" + filterNote(model.eventTable.filter)
    case .jobs: return "\(model.scope ?? "all") · \(model.jobRows.count)" + filterNote(model.jobTable.filter)
    case .findings:
      let count = model.findings.count
      return count > 0 ? "\(model.findingIndex + 1) of \(count)" : ""
    case .activity:
      guard let current = model.currentActivity, let at = model.activities.firstIndex(of: current) else { return "" }
      return model.activities.count > 1 ? "\(at + 1) of \(model.activities.count)" : ""
    case .details: return model.details.title
    }
  }

  private func filterNote(_ filter: String) -> String {
    (model.showsOnlyFailed ? (model.tab == .events ? " · warnings" : " · failed") : "")
      + (filter.isEmpty ? "" : " /\(filter)")
  }
}

/// The log of what is selected, or of what was asked for.
struct LogTab {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let (head, body) = rect.split(top: 1)
    drawHead(&painter, head)
    guard body.height > 0 else { return }
    let log = model.log
    if log.buffer.isEmpty {
      let (text, role) = emptyText(painter)
      for (line, part) in CellText.wrapped(text, to: body.width - 2).prefix(body.height).enumerated() {
        painter.put(part, role, x: body.x + 1, y: body.y + line, width: body.width - 2)
      }
      return
    }
    let view = LogView(log: log, width: body.width, height: body.height)
    for (line, place) in view.visible.enumerated() {
      drawLine(&painter, view, place, Rect(x: body.x + 1, y: body.y + line, width: body.width - 2, height: 1))
    }
  }

  private func drawHead(_ painter: inout Painter, _ rect: Rect) {
    guard let target = model.log.target else { return }
    var x = rect.x + 1
    x += painter.put(target.title, .strong, x: x, y: rect.y, width: rect.width - 2, middle: true)
    var notes: [String] = []
    if case .runner(let name, _, let container) = target {
      if container == "runner" { notes.append("runner") }
      if let record = model.jobs[name] {
        notes.append(record.job.name)
        notes.append(record.result.rawValue)
      }
      if let snapshot = model.snapshot, !(snapshot.runner(name) != nil) {
        notes.append("gone; its log was kept")
      }
    }
    if !model.log.filter.isEmpty { notes.append("only lines with \"\(model.log.filter)\"") }
    if !model.log.search.isEmpty { notes.append("/\(model.log.search)") }
    if model.log.buffer.dropped > 0 { notes.append("\(model.log.buffer.dropped) older lines dropped") }
    for note in notes { x += painter.put(" · " + note, .dim, x: x, y: rect.y, width: max(0, rect.right - 1 - x)) }
  }

  private func emptyText(_ painter: Painter) -> (String, Role) {
    switch model.log.phase {
    case .none:
      return model.snapshot == nil
        ? ("", .dim) : ("No runner is selected. When there is one, its log is shown here.", .dim)
    case .loading:
      if case .installation? = model.log.target { return ("Waiting for lines \(painter.ellipsis)", .dim) }
      return ("Loading \(painter.ellipsis)", .dim)
    case .live: return ("Nothing was written yet.", .dim)
    case .ended: return ("Nothing was written, or nothing of it was kept.", .dim)
    case .failed(let error):
      let why = error.why ?? error.what
      if why.contains("waiting to start") || why.contains("ContainerCreating") || why.contains("PodInitializing") {
        return ("It has not started, so it has written nothing yet.", .dim)
      }
      return ([error.what, error.why, error.fix].compactMap { $0 }.joined(separator: "\n"), .warning)
    }
  }

  /// The colours that tell runners apart.
  private static let sources: [Color] = [.cyan, .green, .yellow, .magenta, .blue, Color(14), Color(10), Color(13)]

  private func drawLine(_ painter: inout Painter, _ view: LogView, _ place: LogPlace, _ rect: Rect) {
    let line = model.log.buffer[place.line]
    var x = rect.x
    if view.prefixWidth > 0 {
      if model.log.showsTime {
        if place.row == 0, let time = line.time {
          painter.put(ClockText.time(time), .dim, x: x, y: rect.y, width: 8)
        }
        x += 9
      }
      if model.log.target?.isMerged == true {
        if place.row == 0 {
          let hash = line.pod.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
          let color = Self.sources[hash % Self.sources.count]
          painter.put(
            line.pod, painter.usesColor ? Style(color, on: painter.theme[.text].background) : painter.theme[.dim],
            x: x, y: rect.y, width: 15, middle: true)
        }
        x += 17
      }
    }
    let base = painter.theme[.text]
    var spans = ColoredText.spans(line.text, base: base, usesColor: painter.usesColor)
    spans = highlighted(spans, isCurrent: model.log.match == place.line, painter)
    let width = rect.right - x
    if model.log.wraps {
      let rows = LogView.cut(spans, to: max(1, width))
      if rows.indices.contains(place.row) { painter.put(rows[place.row], x: x, y: rect.y, width: width) }
    } else {
      painter.put(spans, x: x, y: rect.y, width: width, skipping: model.log.column)
      let whole = spans.reduce(0) { $0 + CellText.width($1.text) }
      if whole - model.log.column > width {
        painter.put(painter.ellipsis, .dim, x: rect.right - 1, y: rect.y, width: 1)
      }
    }
  }

  /// What is searched for stands out.
  private func highlighted(_ spans: [Span], isCurrent: Bool, _ painter: Painter) -> [Span] {
    guard !model.log.search.isEmpty else { return spans }
    let wanted = model.log.search.lowercased()
    let style = painter.theme[isCurrent ? .matchCurrent : .match]
    return spans.flatMap { span -> [Span] in
      var parts: [Span] = []
      var rest = Substring(span.text)
      while let found = Self.range(of: wanted, in: rest) {
        if found.lowerBound > rest.startIndex { parts.append(Span(String(rest[..<found.lowerBound]), span.style)) }
        parts.append(Span(String(rest[found]), style))
        rest = rest[found.upperBound...]
      }
      if !rest.isEmpty { parts.append(Span(String(rest), span.style)) }
      return parts
    }
  }

  private static func range(of wanted: String, in text: Substring) -> Range<Substring.Index>? {
    let pattern = Array(wanted)
    let characters = Array(text)
    guard !pattern.isEmpty, characters.count >= pattern.count else { return nil }
    for start in 0...(characters.count - pattern.count)
    where (0..<pattern.count).allSatisfy({
      Character(characters[start + $0].lowercased().prefix(1).description) == pattern[$0]
    }) {
      let from = text.index(text.startIndex, offsetBy: start)
      return from..<text.index(from, offsetBy: pattern.count)
    }
    return nil
  }
}

/// What Kubernetes reported, the newest first.
struct EventsTab {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard !model.eventRows.isEmpty else {
      painter.put(
        model.events.isEmpty
          ? "No events were heard yet. Kubernetes keeps them for an hour." : "No event matches. Esc shows all.",
        .dim, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    let isFocused = model.focus == .bottom
    for line in 0..<rect.height {
      let index = model.eventTable.offset + line
      guard model.eventRows.indices.contains(index) else { break }
      let event = model.events[model.eventRows[index]]
      let row = Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1)
      var x = row.x + 1
      painter.put(
        event.isWarning ? "!" : " ", .warning, x: x, y: row.y, width: 1)
      x += 2
      painter.putRight(painter.age(since: event.last), .dim, right: x + 5, y: row.y, width: 5)
      x += 7
      x += painter.put(event.object, .text, x: x, y: row.y, width: min(28, row.width / 3), middle: true) + 2
      x +=
        painter.put(event.reason, event.isWarning ? .warning : .busy, x: x, y: row.y, width: max(0, row.right - x)) + 2
      let count = event.count > 1 ? " (\(event.count)x)" : ""
      painter.put(event.message + count, .text, x: x, y: row.y, width: max(0, row.right - 1 - x))
      painter.hit(row, .row(.bottom, index))
      if index == model.eventTable.index {
        painter.put(painter.glyphs.bar, .accent, x: row.x, y: row.y, width: 1)
        painter.select(Rect(x: row.x + 1, y: row.y, width: row.width - 1, height: 1), focused: isFocused)
      }
    }
  }
}

/// The jobs that were seen, those that run first.
struct JobsTab {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard !model.jobRows.isEmpty else {
      painter.put(
        model.jobs.jobs.isEmpty
          ? "No job was seen yet. Jobs are noted while deskrun runs." : "No job matches. Esc shows all.",
        .dim, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    let (head, all) = rect.split(top: 1)
    // The figures stand below, where there is room for more than a few jobs.
    let (rows, foot) = all.height >= 7 ? all.split(top: all.height - 2) : (all, nil)
    if let foot { drawFigures(&painter, foot) }
    // The job keeps some twenty cells whatever else is shown.
    let runner = rect.width >= 150 ? 28 : rect.width >= 100 ? 18 : rect.width >= 60 ? 14 : 0
    let repository = rect.width >= 150 ? 20 : rect.width >= 110 ? 16 : 0
    let waited = rect.width >= 150 ? 6 : 0
    let workflow = rect.width >= 70 ? 10 : 0
    let ref = rect.width >= 80 ? 8 : 0
    let started = rect.width >= 60 ? 8 : 0
    let fixed = 3 + 10 + 6 + 1
    let optional = [runner, repository, workflow, ref, started, waited].reduce(0) { $0 + ($1 > 0 ? $1 + 2 : 0) }
    let job = max(4, rect.width - fixed - optional - 2)
    func place(_ painter: inout Painter, _ y: Int, _ values: [(String, Int, Role, Bool)]) {
      var x = rect.x + 3
      for (text, width, role, middle) in values where width > 0 {
        painter.put(text, role, x: x, y: y, width: width, middle: middle)
        x += width + 2
      }
    }
    place(
      &painter, head.y,
      [
        ("RESULT", 9, .dim, false), ("JOB", job, .dim, false), ("REPOSITORY", repository, .dim, false),
        ("WORKFLOW", workflow, .dim, false), ("REF", ref, .dim, false), ("STARTED", started, .dim, false),
        ("RUNNER", runner, .dim, false), ("WAITED", waited, .dim, false),
      ])
    painter.putRight("TOOK", .dim, right: rect.right - 1, y: head.y, width: 6)
    for line in 0..<max(0, rows.height) {
      let index = model.jobTable.offset + line
      guard model.jobRows.indices.contains(index) else { break }
      let record = model.jobRows[index]
      let row = Rect(x: rows.x, y: rows.y + line, width: rows.width, height: 1)
      let (mark, role) = Self.mark(record.result, painter.glyphs)
      painter.put(mark, role, x: row.x + 1, y: row.y, width: 1)
      let word = record.result == .unknown ? "ended" : record.result.rawValue
      place(
        &painter, row.y,
        [
          (word, 9, role, false), (record.job.name + (record.note.map { ": \($0)" } ?? ""), job, .text, false),
          (record.job.repository, repository, .text, true), (record.job.workflow, workflow, .dim, false),
          (record.job.ref, ref, .dim, false),
          (record.started.map(ClockText.time) ?? "", started, .dim, false), (record.runner, runner, .dim, true),
          (record.waited.map { ClockText.span($0).text } ?? "", waited, .dim, false),
        ])
      painter.putRight(took(record, &painter), .dim, right: row.right - 1, y: row.y, width: 6)
      painter.hit(row, .row(.bottom, index))
      if index == model.jobTable.index {
        painter.put(painter.glyphs.bar, .accent, x: row.x, y: row.y, width: 1)
        painter.select(
          Rect(x: row.x + 1, y: row.y, width: row.width - 1, height: 1), focused: model.focus == .bottom)
      }
    }
  }

  /// What the jobs of the last day, or of the installation that is looked at, add up to.
  private func drawFigures(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height == 2 else { return }
    let sets = model.scopeSets
    let records = model.jobs.jobs.filter { sets?.contains($0.scaleSet) ?? true }
    let figures = JobFigures(records, since: model.now - 86_400, now: model.now, hour: ClockText.hour)
    let width = rect.width - 2
    var x = rect.x + 1
    x += painter.put("24 h  ", .dim, x: x, y: rect.y, width: width)
    painter.put(figures.sentence, .text, x: x, y: rect.y, width: max(0, rect.right - 1 - x))
    x = rect.x + 1
    if let queue = model.queueSentence {
      x += painter.put(queue, .warning, x: x, y: rect.y + 1, width: width) + 3
    }
    let chart = figures.chart([" "] + painter.glyphs.levels)
    guard !chart.isEmpty, rect.right - x > 40 else { return }
    x += painter.put("by hour 0 ", .dim, x: x, y: rect.y + 1, width: rect.right - x)
    x += painter.put(chart, .busy, x: x, y: rect.y + 1, width: rect.right - x)
    painter.put(" 23", .dim, x: x, y: rect.y + 1, width: rect.right - x)
  }

  private func took(_ record: JobRecord, _ painter: inout Painter) -> String {
    guard let started = record.started else { return "" }
    guard record.result != .running else { return painter.age(since: started) }
    return record.finished.map { ClockText.span($0 - started).text } ?? ""
  }

  static func mark(_ result: JobRecord.Result, _ glyphs: Glyphs) -> (String, Role) {
    switch result {
    case .running: (glyphs.busy, .busy)
    case .succeeded: (glyphs.succeeded, .good)
    case .failed: (glyphs.failed, .bad)
    case .cancelled: (glyphs.cancelled, .dim)
    case .lost: (glyphs.lost, .bad)
    case .unknown: (glyphs.off, .dim)
    }
  }
}

/// What is not well, one finding at a time: what was seen, and what to do.
struct FindingsTab {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard let finding = model.selectedFinding else {
      painter.put(
        model.snapshot == nil ? "" : "\(painter.glyphs.succeeded) Nothing is wrong as far as deskrun can see.", .good,
        x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    var y = rect.y
    let mark = finding.severity == .bad ? painter.glyphs.failing : "!"
    for line in CellText.wrapped("\(mark) \(finding.title)", to: rect.width - 2) where y < rect.bottom {
      painter.put(line, finding.severity == .bad ? .bad : .warning, x: rect.x + 1, y: y, width: rect.width - 2)
      y += 1
    }
    if rect.height >= 8 { y += 1 }
    func section(_ name: String, _ text: String, _ painter: inout Painter) {
      for (index, line) in CellText.wrapped(text, to: rect.width - 14).enumerated() where y < rect.bottom {
        if index == 0 { painter.put(name, .dim, x: rect.x + 3, y: y, width: 8) }
        painter.put(line, .text, x: rect.x + 12, y: y, width: rect.width - 13)
        y += 1
      }
    }
    for (index, seen) in finding.evidence.enumerated() { section(index == 0 ? "Seen" : "", seen, &painter) }
    section("Remedy", finding.remedy, &painter)
    if let key = model.remedyKey(finding) { section("", key, &painter) }
    drawOthers(&painter, finding, Rect(x: rect.x, y: y + 1, width: rect.width, height: rect.bottom - y - 1))
  }

  /// What else there is, a line each: what is looked at first need not be what matters to the reader.
  private func drawOthers(_ painter: inout Painter, _ shown: Finding, _ rect: Rect) {
    guard rect.height >= 2, model.findings.count > 1 else { return }
    for (line, index) in model.findings.indices.filter({ $0 != model.findingIndex }).prefix(rect.height).enumerated() {
      let other = model.findings[index]
      let mark = other.severity == .bad ? painter.glyphs.failing : "!"
      let role: Role = other.severity == .bad ? .bad : .warning
      painter.put(mark, role, x: rect.x + 1, y: rect.y + line, width: 1)
      painter.put(other.title, .dim, x: rect.x + 3, y: rect.y + line, width: rect.width - 4)
      painter.hit(Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1), .row(.bottom, index))
    }
  }
}

/// What deskrun itself is doing: the steps of a plan, and what the tools said.
struct ActivityTab {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard let activity = model.currentActivity else {
      painter.put(
        "Nothing was done yet. Plans (add, edit, remove, scale, …) show their steps here.", .dim, x: rect.x + 1,
        y: rect.y,
        width: rect.width - 2)
      return
    }
    var y = rect.y
    drawHead(&painter, activity, Rect(x: rect.x, y: y, width: rect.width, height: 1))
    y += 1
    var lines: [(Int, String, Role)] = []
    if case .failed(let error) = activity.phase {
      for (index, text) in [error.what, error.why, error.fix.map { "Do: \($0)" }].compactMap({ $0 }).enumerated() {
        for part in CellText.wrapped(text, to: rect.width - 6) { lines.append((5, part, index == 0 ? .bad : .text)) }
      }
      for detail in error.details.prefix(4) { lines.append((5, SafeText.line(detail), .dim)) }
    }
    for warning in activity.warnings {
      for part in CellText.wrapped("! " + warning, to: rect.width - 4) { lines.append((3, part, .warning)) }
    }
    // Steps that run or failed must be seen; then the reason, then as much of the tools' words as fits.
    let room = rect.bottom - y
    let steps = shownSteps(activity, max(1, room - min(lines.count, room / 2)))
    for step in steps where y < rect.bottom {
      drawStep(&painter, step, Rect(x: rect.x, y: y, width: rect.width, height: 1))
      y += 1
    }
    for (indent, text, role) in lines where y < rect.bottom {
      painter.put(text, role, x: rect.x + indent, y: y, width: rect.width - indent - 1)
      y += 1
    }
    let left = rect.bottom - y
    guard left > 0 else { return }
    for line in activity.output.suffix(left) {
      painter.put(line, .dim, x: rect.x + 3, y: y, width: rect.width - 4)
      y += 1
    }
  }

  private func drawHead(_ painter: inout Painter, _ activity: Activity, _ rect: Rect) {
    let (mark, role, word): (String, Role, String) =
      switch activity.phase {
      case .planning: (painter.glyphs.starting, .warning, "finding out what has to be done")
      case .running where activity.isCancelling: (painter.glyphs.starting, .warning, "being cancelled")
      case .running: (painter.glyphs.starting, .warning, "running")
      case .done: (painter.glyphs.succeeded, .good, "done")
      case .failed: (painter.glyphs.failed, .bad, "failed · R runs it again")
      case .cancelled: (painter.glyphs.cancelled, .dim, "cancelled · R runs it again")
      }
    var x = rect.x + 1
    x += painter.put(mark + " ", role, x: x, y: rect.y, width: 2)
    x += painter.put(activity.title, .strong, x: x, y: rect.y, width: max(0, rect.width - 30)) + 2
    painter.put(word, role, x: x, y: rect.y, width: max(0, rect.right - 8 - x))
    let time =
      activity.ended.map { ClockText.span($0 - activity.started).text } ?? painter.age(since: activity.started)
    painter.putRight(time, .dim, right: rect.right - 1, y: rect.y, width: 6)
  }

  /// As many steps as fit, those around the one at work.
  private func shownSteps(_ activity: Activity, _ room: Int) -> ArraySlice<Activity.Step> {
    let steps = activity.steps
    guard steps.count > room else { return steps[...] }
    let at =
      steps.firstIndex { $0.state == .running || $0.state == .failed }
      ?? (activity.isOver ? steps.count - 1 : 0)
    let start = max(0, min(at - room / 2, steps.count - room))
    return steps[start..<min(steps.count, start + room)]
  }

  private func drawStep(_ painter: inout Painter, _ step: Activity.Step, _ rect: Rect) {
    let (mark, role): (String, Role) =
      switch step.state {
      case .waiting: (" ", .dim)
      case .running: (painter.glyphs.starting, .warning)
      case .done: (painter.glyphs.succeeded, .good)
      case .unchanged, .skipped: (painter.glyphs.succeeded, .dim)
      case .failed: (painter.glyphs.failed, .bad)
      }
    painter.put(mark, role, x: rect.x + 3, y: rect.y, width: 1)
    var x = rect.x + 5
    let half = max(10, (rect.width - 14) * 3 / 5)
    x += painter.put(step.title, step.state == .waiting ? .dim : .text, x: x, y: rect.y, width: half) + 2
    if let note = step.note { painter.put(note, .dim, x: x, y: rect.y, width: max(0, rect.right - 8 - x)) }
    let time =
      step.state == .running
      ? painter.age(since: step.started) : step.seconds.map { ClockText.span(Int64($0)).text } ?? ""
    painter.putRight(time, .dim, right: rect.right - 1, y: rect.y, width: 6)
  }
}

/// The selection, described.
struct DetailsTab {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    PageText(page: model.details).draw(&painter, rect)
  }
}
