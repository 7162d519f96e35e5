import DashboardCore
import Engine
import TerminalKit

/// What is known of the selected bar, in a line or two.
struct TimelineDetails {
  let model: Model
  let bar: TimelineBar

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let (what, times) = parts(&painter)
    let sign = String(TimelineSigns(usesUnicode: painter.usesUnicode).sign(bar.kind))
    let width = rect.width - 4
    painter.put(sign, TimelineDrawing.role(bar.kind), x: rect.x + 1, y: rect.y, width: 1)
    guard rect.height > 1 else {
      painter.put((what + times).joined(separator: "  "), .text, x: rect.x + 3, y: rect.y, width: width)
      return
    }
    painter.put(what.joined(separator: "  "), .text, x: rect.x + 3, y: rect.y, width: width)
    painter.put(times.joined(separator: "  "), .dim, x: rect.x + 3, y: rect.y + 1, width: width)
  }

  private func parts(_ painter: inout Painter) -> (what: [String], times: [String]) {
    guard case .job(let result) = bar.kind else {
      return (["starting", bar.runner], ["for \(painter.age(since: bar.start))"])
    }
    guard let record = model.jobs[bar.runner] else { return ([bar.runner], []) }
    let job = record.job
    var what = ["\(Self.word(result)): \(job.name)", job.repository, job.workflow, job.ref].filter { !$0.isEmpty }
    if let remark = record.remark { what.append(remark) }
    var times: [String] = []
    if let started = record.started {
      if let finished = record.finished, result != .running {
        times.append("\(ClockText.moment(started, now: model.now)) to \(ClockText.time(finished))")
        times.append("ran \(JobFigures.span(max(0, finished - started)))")
      } else {
        times.append("since \(ClockText.moment(started, now: model.now))")
        if result == .running { times.append("running \(painter.age(since: started))") }
      }
    }
    if let waited = record.waited {
      times.append("waited \(record.isHeldBack ? painter.glyphs.atLeast : "")\(JobFigures.span(waited))")
    }
    if result == .running, let usual = model.knowledge.durations.usual(job) {
      let estimate = JobEstimate(usual, started: record.started, now: model.now)
      if let changesIn = estimate.changesIn(cells: 0) { painter.changes(at: model.now + changesIn) }
      times.append(estimate.sentence)
    }
    return (what, times + [bar.runner])
  }

  private static func word(_ result: JobResult) -> String {
    switch result {
    case .cancelled: "canceled"
    case .unknown: "end unknown"
    case .lost: "runner lost"
    case .running, .failed, .succeeded: result.rawValue
    }
  }
}
