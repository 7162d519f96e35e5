import ARC
import Basics
import Installations

/// A job that was seen on a runner, merged from the cluster, the listener and the runner's log.
package struct JobRecord: Sendable, Equatable, Identifiable {
  /// The runner's name: an ephemeral runner runs a single job, and its name is never reused.
  package var id: String { runner }
  package var runner: String
  /// The runner's scale set.
  package var scaleSet: String
  package var job: Job
  /// When it was assigned to the scale set, in seconds since 1970, according to the listener's counts.
  package var assigned: Int64?
  /// Whether it may have waited longer: the scale set was at its maximum, and GitHub holds back jobs that may not run.
  package var isHeldBack = false
  /// When it started on the runner, if known.
  package var started: Int64?
  /// When it ended.
  package var finished: Int64?
  /// How it ended.
  package var result: JobResult
  /// Why the runner died, if it did.
  package var note: String?
  /// Why the result is unknown, if the reason is known.
  package var unknownEnd: UnknownEnd?
  /// Its cluster; nil if not recorded. Earlier versions recorded no kubeconfig, and still earlier ones no context.
  package var place: ClusterPlace?

  package init(
    runner: String, scaleSet: String, job: Job, assigned: Int64? = nil, started: Int64? = nil, finished: Int64? = nil,
    result: JobResult, note: String? = nil
  ) {
    self.runner = runner
    self.scaleSet = scaleSet
    self.job = job
    self.assigned = assigned
    self.started = started
    self.finished = finished
    self.result = result
    self.note = note
  }

  /// A remark to show with its name: why the runner died, or why the result is unknown.
  package var remark: String? { note ?? (result == .unknown ? unknownEnd?.words : nil) }

  /// Seconds it waited for a runner, if both times are known.
  package var waited: Int64? { times.waited }

  /// Seconds it ran, once it has ended.
  package var took: Int64? { times.took }

  /// The time of the latest fact.
  package var latest: Int64 { times.latest }

  /// When it started; the latest known time if its start is unknown.
  package var began: Int64 { started ?? latest }

  /// Merges two records of a job. The order and the number of merges do not matter: two deskruns may both record what
  /// they saw.
  package func merged(with other: JobRecord) -> JobRecord {
    var all = self
    all.job = job.merged(with: other.job)
    var times = times
    times.merge(other.times)
    (all.assigned, all.isHeldBack) = (times.assigned, times.isHeldBack)
    (all.started, all.finished) = (times.started, times.finished)
    all.result = times.result
    all.note = [note, other.note].compactMap { $0 }.max { ($0.count, $0) < ($1.count, $1) }
    all.unknownEnd = [unknownEnd, other.unknownEnd].compactMap { $0 }.max { $0.rawValue < $1.rawValue }
    // Of two with one context, the one with a kubeconfig.
    all.place = [place, other.place].compactMap { $0 }.max()
    return all
  }
}

extension Job {
  /// What either record knows; of two texts, the more detailed one.
  package func merged(with other: Job) -> Job {
    func fuller(_ a: String, _ b: String) -> String { (a.utf8.count, a) < (b.utf8.count, b) ? b : a }
    var all = self
    all.name = fuller(name, other.name)
    all.repository = fuller(repository, other.repository)
    all.workflow = fuller(workflow, other.workflow)
    all.ref = fuller(ref, other.ref)
    all.runID = [runID, other.runID].compactMap { $0 }.max()
    return all
  }
}

extension JobRecord: ScannedObject {
  /// Reads a line of the history.
  package init(_ scanner: inout JSONScanner) {
    var record = JobRecord(runner: "", scaleSet: "", job: Job(), result: .unknown)
    var (context, kubeconfig) = (String?.none, String?.none)
    scanner.object { key, value in
      switch key {
      case "runner": record.runner = value.string() ?? ""
      case "scaleSet": record.scaleSet = value.string() ?? ""
      case "job": record.job.name = SafeText.line(value.string() ?? "")
      case "repository": record.job.repository = SafeText.line(value.string() ?? "")
      case "workflow": record.job.workflow = SafeText.line(value.string() ?? "")
      case "ref": record.job.ref = SafeText.line(value.string() ?? "")
      case "runID": record.job.runID = value.int()
      case "assigned": record.assigned = value.time()
      case "heldBack": record.isHeldBack = value.bool() ?? false
      case "started": record.started = value.time()
      case "finished": record.finished = value.time()
      case "result": record.result = value.string().flatMap(JobResult.init(rawValue:)) ?? .unknown
      case "note": record.note = value.string().map(SafeText.line)
      case "unknownEnd": record.unknownEnd = value.string().flatMap(UnknownEnd.init(rawValue:))
      case "context": context = value.string().map(SafeText.line)
      case "kubeconfig": kubeconfig = value.string().map(SafeText.line)
      default: break
      }
    }
    record.place = context.map { ClusterPlace(context: $0, kubeconfig: kubeconfig) }
    self = record
  }

  /// A line of the history.
  package var line: String {
    var object: JSONObject = ["runner": .string(runner), "scaleSet": .string(scaleSet), "job": .string(job.name)]
    func put(_ key: String, _ value: JSONValue?) { if let value { object[key] = value } }
    put("repository", job.repository.isEmpty ? nil : .string(job.repository))
    put("workflow", job.workflow.isEmpty ? nil : .string(job.workflow))
    put("ref", job.ref.isEmpty ? nil : .string(job.ref))
    put("runID", job.runID.map(JSONValue.int))
    put("assigned", assigned.map { .string(Timestamp.text($0)) })
    put("heldBack", isHeldBack ? .bool(true) : nil)
    put("started", started.map { .string(Timestamp.text($0)) })
    put("finished", finished.map { .string(Timestamp.text($0)) })
    put("result", .string(result.rawValue))
    put("note", note.map(JSONValue.string))
    put("unknownEnd", unknownEnd.map { .string($0.rawValue) })
    put("context", (place?.context).map(JSONValue.string))
    put("kubeconfig", (place?.kubeconfig).map(JSONValue.string))
    return JSONValue.object(object).encoded() + "\n"
  }
}
