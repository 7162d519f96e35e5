import DashboardCore
import Engine
import TerminalKit

/// The details of the selected bar, in one or two lines.
struct TimelineDetails {
  let model: Model
  let bar: TimelineBar
  /// The index of its cluster.
  let cluster: Int

  /// A part of the details.
  private struct Part {
    var text: String
    /// Parts with higher ranks are dropped first if they do not fit.
    var rank: Int
  }

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let (what, times) = parts(&painter)
    let sign = String(TimelineSigns(usesUnicode: painter.usesUnicode).sign(bar.kind))
    let width = rect.width - 4
    painter.put(sign, TimelineDrawing.role(bar.kind), x: rect.x + 1, y: rect.y, width: 1)
    guard rect.height > 1 else {
      painter.put(Self.line(what + times, width), .text, x: rect.x + 3, y: rect.y, width: width)
      return
    }
    painter.put(Self.line(what, width), .text, x: rect.x + 3, y: rect.y, width: width)
    painter.put(Self.line(times, width), .dim, x: rect.x + 3, y: rect.y + 1, width: width)
  }

  /// The complete parts that fit, in order.
  private static func line(_ parts: [Part], _ width: Int) -> String {
    var parts = parts.filter { !$0.text.isEmpty }
    while parts.count > 1, parts.reduce(-2, { $0 + CellText.width($1.text) + 2 }) > width,
      let least = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
    {
      parts.remove(at: least)
    }
    return parts.map(\.text).joined(separator: "  ")
  }

  private func parts(_ painter: inout Painter) -> (what: [Part], times: [Part]) {
    guard case .job(let result) = bar.kind else {
      return (
        [Part(text: "starting: \(bar.runner)", rank: 0)], [Part(text: "for \(painter.age(since: bar.start))", rank: 1)]
      )
    }
    guard let record = model.job(of: bar.runner, in: cluster) else { return ([Part(text: bar.runner, rank: 0)], []) }
    let job = record.job
    let what = [
      Part(text: "\(Self.word(result)): \(job.name)", rank: 0), Part(text: job.repository, rank: 5),
      Part(text: job.workflow, rank: 7), Part(text: job.ref, rank: 6), Part(text: record.remark ?? "", rank: 3),
    ]
    var times: [Part] = []
    if let started = record.started {
      if let finished = record.finished, result != .running {
        times.append(Part(text: ClockText.range(from: started, to: finished, now: model.now), rank: 1))
        times.append(Part(text: "ran \(DurationText.short(seconds: max(0, finished - started)))", rank: 2))
      } else {
        times.append(Part(text: "since \(ClockText.moment(started, now: model.now))", rank: 1))
        if result == .running { times.append(Part(text: "running \(painter.age(since: started))", rank: 3)) }
      }
    }
    if let waited = record.waited {
      let least = record.isHeldBack ? painter.glyphs.atLeast : ""
      times.append(Part(text: "waited \(least)\(DurationText.short(seconds: waited))", rank: 4))
    }
    if result == .running, let usual = model.clusters[cluster].knowledge.durations.usual(job) {
      let estimate = JobEstimate(usual, started: record.started, now: model.now)
      if let changesIn = estimate.changesIn(cells: 0) { painter.changes(at: model.now + changesIn) }
      times.append(Part(text: estimate.sentence, rank: 2))
    }
    let place = model.hasSeveralClusters ? [Part(text: model.clusters[cluster].label, rank: 6)] : []
    return (what, times + place + [Part(text: bar.runner, rank: 8)])
  }

  private static func word(_ result: JobResult) -> String {
    switch result {
    case .unknown: "end unknown"
    case .lost: "runner lost"
    case .running, .failed, .succeeded, .cancelled: result.word
    }
  }
}
