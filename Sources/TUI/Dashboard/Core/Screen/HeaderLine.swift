import Engine
import TerminalKit

/// The first row: the cluster, the controller and the runner counts, or a banner if there is a general problem.
struct HeaderLine {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    if let banner = banner(&painter) {
      painter.put(" " + banner, .banner, x: rect.x, y: rect.y, width: rect.width)
      return
    }
    let wide = rect.width >= 110
    var x = rect.x + 1
    x += painter.put("deskrun", .strong, x: x, y: rect.y, width: rect.width - 2)
    if model.settings.isDemo { x += painter.put(" demo", .warning, x: x, y: rect.y, width: rect.right - x) }
    if model.settings.isReadOnly {
      x += painter.put(wide ? " read-only" : " ro", .warning, x: x, y: rect.y, width: rect.right - x)
    }
    x += 2
    if model.hasSeveralClusters {
      if let namespace = model.narrowedTo {
        let width = min(24, max(0, rect.right - x))
        x += painter.put("\(namespace)  ", .warning, x: x, y: rect.y, width: width, middle: true)
      }
      x += drawClusters(&painter, x: x, rect)
    } else {
      x += painter.put(
        first.label, .text, x: x, y: rect.y, width: min(24, max(0, rect.right - x)), middle: true)
      if let namespace = first.snapshot?.narrowedTo {
        x += painter.put(
          " \(namespace)", .warning, x: x, y: rect.y, width: min(24, max(0, rect.right - x)), middle: true)
      }
      x += drawCluster(&painter, x: x, rect, wide)
    }
    let room = rect.right - x - 1
    drawCounts(&painter, rect, room: room, wide)
  }

  /// The cluster, if there is only one.
  private var first: ShownCluster { model.clusters[model.mainCluster] }

  /// Draws the names of several clusters with their states, or only their number if there is no room. If one cluster is
  /// selected, draws its name and the number of clusters.
  private func drawClusters(_ painter: inout Painter, x start: Int, _ rect: Rect) -> Int {
    let signs = model.clusters.map { ClusterSign($0, painter.glyphs) }
    func name(_ at: Int) -> [(String, Role)] {
      [
        (signs[at].mark + " ", signs[at].role),
        (CellText.cutMiddle(model.clusters[at].label, to: 24) + "  ", signs[at].isWell ? .text : .dim),
      ]
    }
    let shown = model.shownClusters
    let away = shown.filter {
      $0 != model.clusterScope && model.clusters[$0].observation != nil && !signs[$0].isWell
    }.count
    let others = away > 0 ? [("  \(painter.glyphs.failing) \(away)", Role.bad)] : []
    var parts: [(String, Role)]
    if let only = model.clusterScope {
      parts = name(only) + [("1 of \(shown.count) clusters", .dim)] + others
    } else {
      parts = shown.flatMap(name)
      // The minimum width of the counts.
      if parts.reduce(0, { $0 + CellText.width($1.0) }) > rect.right - start - 18 {
        parts = [("\(shown.count) clusters", .text)] + others
      }
    }
    var x = start
    for (text, role) in parts {
      x += painter.put(text, role, x: x, y: rect.y, width: max(0, rect.right - x))
    }
    return x - start
  }

  private func drawCluster(_ painter: inout Painter, x start: Int, _ rect: Rect, _ wide: Bool) -> Int {
    var x = start
    func put(_ text: String, _ role: Role, _ painter: inout Painter) {
      x += painter.put(text, role, x: x, y: rect.y, width: max(0, rect.right - x))
    }
    guard let observation = first.observation else {
      put(" \(painter.ellipsis)", .dim, &painter)
      return x - start
    }
    switch observation.cluster {
    case .ready(let version):
      // Polling instead of watching is also current, with a delay of some seconds.
      put(" \(painter.glyphs.idle) ", observation.trouble == nil ? .good : .warning, &painter)
      let number = version.hasPrefix("v") ? String(version.dropFirst()) : version
      put(wide ? "Kubernetes \(number)" : number, .text, &painter)
      if observation.trouble != nil, wide { put(" polling", .warning, &painter) }
    case .absent: put(" \(painter.glyphs.off) not created", .dim, &painter)
    default: break
    }
    guard let snapshot = observation.snapshot, case .ready = observation.cluster else { return x - start }
    put("   ARC ", .text, &painter)
    if let controller = snapshot.controller {
      put(
        controller.isReady ? painter.glyphs.idle : painter.glyphs.failing, controller.isReady ? .good : .bad, &painter)
      put(" \(controller.version)" + (controller.isReady ? "" : " not ready"), .text, &painter)
    } else {
      put(
        snapshot.hidesController ? "\(painter.glyphs.unknown) unknown" : "\(painter.glyphs.off) not installed", .dim,
        &painter)
    }
    return x - start
  }

  private func drawCounts(_ painter: inout Painter, _ rect: Rect, room: Int, _ wide: Bool) {
    guard model.joined.hasRunners else { return }
    let (totals, stale) = model.shownTotals
    var parts: [(String, Role)] = [("busy \(totals.busy)", .busy), ("idle \(totals.idle)", .good)]
    if totals.starting > 0 { parts.append(("starting \(totals.starting)", .warning)) }
    if totals.finishing > 0 { parts.append(("finishing \(totals.finishing)", .dim)) }
    // Without a current cluster, "0 idle" would be a guess.
    if stale > 0 { parts = (totals.all > 0 ? parts : []) + [("not current \(stale)", .dim)] }
    if totals.failing > 0 {
      parts.append((wide ? "failing \(totals.failing)" : "\(painter.glyphs.failing) \(totals.failing)", .bad))
    }
    var spark = ""
    // The history of busy runners is only recorded for all clusters together.
    if wide, model.clusterScope == nil {
      let levels = model.busyHistory.levels(20, now: model.now)
      // Fewer are not useful.
      if levels.count >= 5 {
        spark = "busy, last \(levels.count)m " + Sparkline.text(levels, glyphs: painter.glyphs)
      }
    }
    var width = parts.reduce(0) { $0 + CellText.width($1.0) + 2 }
    if !spark.isEmpty { width += CellText.width(spark) + 2 }
    if width > room, !spark.isEmpty {
      width -= CellText.width(spark) + 2
      spark = ""
    }
    // Failures are dropped last.
    while width > room, parts.count > 1 {
      let isFailing = parts.last?.1 == .bad
      width -= CellText.width(parts.remove(at: parts.count - (isFailing ? 2 : 1)).0) + 2
    }
    guard width <= room else { return }
    var x = rect.right - width
    for (text, role) in parts {
      x += painter.put(text, role, x: x, y: rect.y, width: rect.right - x) + 2
    }
    if !spark.isEmpty { painter.put(spark, .dim, x: x, y: rect.y, width: rect.right - x) }
  }

  /// A sentence that replaces the header while a problem affects everything.
  private func banner(_ painter: inout Painter) -> String? {
    // With several clusters, the others are still shown.
    guard !model.hasSeveralClusters, let observation = first.observation else { return nil }
    let what: String
    switch observation.cluster {
    case .ready: return watchBanner(&painter, observation)
    case .absent: return nil
    case .stopped: what = "\(painter.glyphs.off) The node of \(first.label) is stopped · u starts it"
    case .paused: what = "\(painter.glyphs.off) The node of \(first.label) is paused · u resumes it"
    case .toolMissing(let error):
      what = "\(painter.glyphs.failing) \(error.what)" + (error.fix.map { " · \($0)" } ?? "")
    case .dockerUnavailable(let error):
      what = "\(painter.glyphs.failing) \(error.what)" + (error.fix.map { " · \($0)" } ?? "")
    case .starting: what = "\(painter.glyphs.starting) The cluster \(first.label) is starting"
    case .halfCreated:
      what = "\(painter.glyphs.failing) The creation of the cluster was interrupted · u creates it again"
    case .contextMissing(let error): what = "\(painter.glyphs.failing) \(error.what)"
    case .unreachable(let error):
      what = "\(painter.glyphs.failing) \(clause(observation.cluster)) (\(short(error)))"
    }
    var parts = [what]
    func told(_ parts: [String]) -> Int { parts.reduce(-2) { $0 + CellText.width($1) + 3 } }
    if observation.snapshot != nil, let heard = observation.heardAt {
      parts.append("showing data from \(painter.age(since: heard)) ago")
    }
    if let next = observation.nextTry, next > model.now {
      painter.changes(at: model.now + 1)
      parts.append("next try in \(ClockText.span(next - model.now).text) · r now")
    } else {
      parts.append("r tries now")
    }
    // What to do is more important than the error's text, which is also in the findings.
    if case .unreachable = observation.cluster, told(parts) > model.size.columns {
      parts[0] = "\(painter.glyphs.failing) \(clause(observation.cluster))"
      if told(parts) > model.size.columns { parts = parts.map { $0.replacing("showing data", with: "data") } }
    }
    return parts.joined(separator: " · ")
  }

  /// The banner while the cluster responds but does not report changes.
  private func watchBanner(_ painter: inout Painter, _ observation: ClusterObservation) -> String? {
    let trouble = observation.trouble.flatMap { $0.isCurrent ? nil : $0 }
    guard trouble != nil || observation.staleSince != nil else { return nil }
    let what =
      observation.isSilent
      ? "No answer from \(first.label) yet" : trouble?.sentence ?? "The cluster answers, but its watches do not"
    var parts = ["\(painter.glyphs.failing) \(what)"]
    if observation.snapshot != nil, let since = observation.staleSince {
      parts.append("showing data from \(painter.age(since: since)) ago")
    }
    if let next = observation.nextTry, next > model.now {
      painter.changes(at: model.now + 1)
      parts.append("next try in \(ClockText.span(next - model.now).text)")
    }
    // Shorten the error's text first.
    let room = model.size.columns - 2 - parts.dropFirst().reduce(0) { $0 + CellText.width($1) + 3 }
    parts[0] = CellText.cutEnd(parts[0], to: max(20, room))
    return parts.joined(separator: " · ")
  }

  private func clause(_ state: ClusterState) -> String { SentenceCase.upper(state.clause("the cluster")) }

  /// The last part of a Go error chain.
  private func short(_ error: EngineError) -> String {
    guard error.kind != .timedOut else { return "no answer in time" }
    let why = error.why ?? error.what
    return CellText.cutEnd(String(why[(why.ranges(of: ": ").last?.upperBound ?? why.startIndex)...]), to: 50)
  }
}

/// Values as a row of small bars.
enum Sparkline {
  package static func text(_ values: [Int], glyphs: Glyphs) -> String {
    let most = max(1, values.max() ?? 1)
    return values.map { value in
      value == 0
        ? glyphs.levels[0] : glyphs.levels[min(glyphs.levels.count - 1, value * (glyphs.levels.count - 1) / most)]
    }.joined()
  }
}
