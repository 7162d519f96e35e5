import ARC
import Basics
import Installations
import Kubernetes

/// The newest jobs that match a query, and the figures of all matching jobs.
package struct JobSelection: Sendable {
  /// The jobs that started last, newest first.
  package var newest: [JobRecord] = []
  /// The total number of matching jobs.
  package var count = 0
  /// The figures of all jobs, including those that did not fail.
  package var figures = JobFigures(times: [], since: 0, now: 0) { _ in 0 }
}

/// Criteria for jobs.
package struct JobQuery: Sendable {
  /// Only jobs seen since this time, in seconds since 1970.
  package var since: Int64?
  /// Only jobs of these scale sets.
  package var scaleSets: Set<String>?
  /// Only jobs of scale sets in this namespace.
  package var namespace: String?
  /// Only jobs that ran on these clusters or whose cluster is unknown; nil for all.
  package var places: Set<ClusterPlace>?
  /// No jobs that ran on these clusters: those of other installations of the same name.
  package var otherPlaces: Set<ClusterPlace> = []
  /// The clusters in use, including those in `places`.
  package var knownPlaces: Set<ClusterPlace> = []
  /// Only jobs that failed or whose runner died.
  package var isFailed = false
  /// The maximum number of jobs.
  package var limit = 50

  /// Creates a query for all jobs.
  package init() {}

  /// Whether jobs that are recorded with this place match.
  fileprivate func isChosen(_ place: ClusterPlace) -> Bool {
    let candidates = place.candidates(among: knownPlaces)
    if candidates.allSatisfy(otherPlaces.contains) { return false }
    return places.map { candidates.contains(where: $0.contains) } ?? true
  }
}

extension JobHistory {
  /// Finds jobs. Only the times of all jobs are kept in memory; names are read only for the returned jobs.
  ///
  /// - Parameters:
  ///   - now: the end of the period for the figures, in seconds since 1970.
  ///   - hour: returns the hour of the day of a time, in the reader's time zone.
  package func select(_ query: JobQuery, now: Int64, hour: (Int64) -> Int) -> JobSelection {
    lookUp(query).selection(now: now, ended: [:], hour: hour)
  }

  /// The same in two steps, for callers that determine in between which jobs are still running.
  package func lookUp(_ query: JobQuery) -> JobLookup {
    var index = JobIndex()
    let files = files(since: query.since)
    for (number, file) in files.enumerated() {
      file.lines { line, place in index.add(line, JobIndex.Place(file: number, start: place, count: line.count)) }
    }
    return JobLookup(query: query, index: index, files: files, chosen: index.clusters.map(query.isChosen))
  }
}

/// The result of a lookup.
package struct JobLookup {
  fileprivate let query: JobQuery
  fileprivate var index: JobIndex
  fileprivate let files: [HistoryFile]
  /// Whether jobs in the clusters of the index match.
  fileprivate let chosen: [Bool]

  /// The runners of matching jobs that were running when last seen.
  ///
  /// - Parameter isMeant: called with the recorded cluster, nil if it is not recorded, and the scale set.
  package func running(_ isMeant: (ClusterPlace?, String) -> Bool) -> [LogRecorder.Target] {
    let names = Dictionary(index.scaleSets.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    return index.numbers.compactMap { runner, number in
      let job = index.jobs[Int(number)]
      guard job.times.result == .running, isWanted(job) else { return nil }
      let scaleSet = names[job.scaleSet] ?? ""
      guard isMeant(job.cluster < 0 ? nil : index.clusters[Int(job.cluster)], scaleSet) else { return nil }
      return LogRecorder.Target(runner: runner, scaleSet: scaleSet)
    }.sorted { $0.runner < $1.runner }
  }

  /// The scale sets with jobs in the history.
  package var scaleSets: Set<String> { Set(index.scaleSets.keys) }

  private var sets: Set<Int32>? {
    guard query.scaleSets != nil || query.namespace != nil else { return nil }
    return Set(index.scaleSets.filter { isWanted(scaleSet: $0.key) }.values)
  }

  private func isWanted(scaleSet: String) -> Bool {
    (query.scaleSets?.contains(scaleSet) ?? true)
      && (query.namespace.map { ScaleSetID.namespace(scaleSet) == $0 } ?? true)
  }

  private func isWanted(_ job: JobIndex.Job) -> Bool {
    (sets?.contains(job.scaleSet) ?? true) && (query.since.map { job.times.latest >= $0 } ?? true) && isChosen(job)
  }

  /// Whether a job that is known only from its runner matches and is not in the history.
  private func isWanted(_ record: JobRecord) -> Bool {
    index.numbers[record.runner] == nil && isWanted(scaleSet: record.scaleSet)
  }

  private func isChosen(_ job: JobIndex.Job) -> Bool { job.cluster < 0 || chosen[Int(job.cluster)] }

  /// The jobs and their figures.
  ///
  /// - Parameters:
  ///   - now: the end of the period for the figures, in seconds since 1970.
  ///   - ended: how those of `running` ended that are no longer running, by runner.
  ///   - unnoted: jobs in the cluster that are running or whose runner died; those in the history are skipped.
  ///   - hour: returns the hour of the day of a time, in the reader's time zone.
  package func selection(
    now: Int64, ended endings: [String: RunningJobs.Ending], unnoted: [JobRecord] = [], hour: (Int64) -> Int
  ) -> JobSelection {
    var ended = self
    for (runner, ending) in endings { ended.index.end(runner, ending) }
    // The cluster that shows it running knows better than a history that lost sight of it.
    var runningNow: [String: Set<ClusterPlace?>] = [:]
    for record in unnoted where record.result == .running {
      ended.index.revive(record.runner)
      runningNow[record.runner, default: []].insert(record.place)
    }
    let index = ended.index
    var selection = JobSelection()
    var wanted = index.jobs.filter(ended.isWanted)
    selection.figures = JobFigures(times: wanted.map(\.times), since: query.since ?? 0, now: now, hour: hour)
    if query.isFailed { wanted.removeAll { ![.failed, .lost].contains($0.times.result) } }
    selection.count = wanted.count
    // Many jobs may have the same time and are then sorted by name, so more than the limit are read.
    wanted.sort { $0.began > $1.began }
    var number = min(query.limit, wanted.count)
    while number > 0, number < wanted.count, wanted[number].began == wanted[number - 1].began { number += 1 }
    let records = wanted.prefix(number).compactMap { job -> JobRecord? in
      guard var record = index.record(job, in: files) else { return nil }
      if let ending = endings[record.runner], record.result == .running {
        record.result = ending.result
        record.finished = record.finished ?? ending.finished
        record.note = record.note ?? ending.note
        if ending.result == .unknown { record.unknownEnd = record.unknownEnd ?? .notWatched }
      }
      if let places = runningNow[record.runner], record.isOpen {
        (record.result, record.unknownEnd) = (.running, nil)
        // Several contexts may lead to its cluster; it is confirmed by one that was asked.
        if !places.contains(record.place), let seen = places.compactMap({ $0 }).min() { record.place = seen }
      }
      return record
    }
    let running = unnoted.filter { isWanted($0) && (!query.isFailed || $0.result == .lost) }
    selection.count += running.count
    // The start of unrecorded jobs is unknown; they are running now.
    selection.newest = Array(
      (running.sorted { $0.runner < $1.runner } + records.sorted { ($0.began, $0.runner) > ($1.began, $1.runner) })
        .prefix(max(0, query.limit)))
    return selection
  }
}

extension JobRecord {
  /// Whether it is running, or nothing is known of its end.
  fileprivate var isOpen: Bool { result == .running || result == .unknown && finished == nil }
}

extension JobHistory {
  /// The scale sets of an installation that is neither in the configuration nor in the cluster anymore, if the history
  /// has jobs of them: the scale set with its name, or those of its instances (`NAME-1` to `NAME-N`).
  package func scaleSets(ofFormer name: String) -> Set<String> {
    var query = JobQuery()
    query.limit = 0
    return lookUp(query).scaleSets.filter { set in
      guard set != name else { return true }
      let number = set.hasPrefix("\(name)-") ? set.dropFirst(name.utf8.count + 1) : ""
      return !number.isEmpty && number.utf8.count < 4 && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
  }
}

/// The times of many jobs, and the locations of their lines.
fileprivate struct JobIndex {
  /// The location of a line.
  package struct Place {
    package var file: UInt16
    package var count: Int32
    package var start: Int
    /// The previous line of the same job.
    package var former: Int32 = -1

    package init(file: Int, start: Int, count: Int) {
      (self.file, self.start, self.count) = (UInt16(clamping: file), start, Int32(clamping: count))
    }
  }

  package struct Job {
    package var times: JobTimes
    package var scaleSet: Int32
    /// The index of its cluster; -1 if unknown.
    package var cluster: Int32
    package var place: Int32
    package var began: Int64 { times.started ?? times.latest }
  }

  package private(set) var jobs: [Job] = []
  package private(set) var scaleSets: [String: Int32] = [:]
  package private(set) var clusters: [ClusterPlace] = []
  /// The cluster of the line before, which is that of most lines.
  private var lastCluster: Int32 = -1
  fileprivate private(set) var numbers: [String: Int32] = [:]
  private var places: [Place] = []

  package mutating func add(_ line: ArraySlice<UInt8>, _ place: Place) {
    var (runner, scaleSet) = ("", "")
    var (context, kubeconfig) = (String?.none, String?.none)
    var times = JobTimes(result: .unknown)
    do {
      try JSONScanner.scan(line) { scanner in
        scanner.object { key, value in
          switch key {
          case "runner": runner = value.string() ?? ""
          case "scaleSet": scaleSet = value.string() ?? ""
          case "context": context = value.string()
          case "assigned": times.assigned = value.time()
          case "heldBack": times.isHeldBack = value.bool() ?? false
          case "started": times.started = value.time()
          case "finished": times.finished = value.time()
          case "result": times.result = value.string().flatMap(JobResult.init(rawValue:)) ?? .unknown
          case "kubeconfig": kubeconfig = value.string()
          default: break
          }
        }
      }
    } catch { return }
    guard !runner.isEmpty, places.count < Int32.max else { return }
    var place = place
    let mine = Int32(places.count)
    let cluster = context.map { number(ofCluster: $0, kubeconfig) } ?? -1
    if let number = numbers[runner] {
      place.former = jobs[Int(number)].place
      jobs[Int(number)].place = mine
      jobs[Int(number)].times.merge(times)
      let former = jobs[Int(number)].cluster
      // As when records are merged.
      if cluster >= 0, cluster != former, former < 0 || clusters[Int(former)] < clusters[Int(cluster)] {
        jobs[Int(number)].cluster = cluster
      }
    } else {
      numbers[runner] = Int32(jobs.count)
      jobs.append(
        Job(times: times, scaleSet: Self.number(of: scaleSet, in: &scaleSets), cluster: cluster, place: mine))
    }
    places.append(place)
  }

  private static func number(of name: String, in numbers: inout [String: Int32]) -> Int32 {
    if let known = numbers[name] { return known }
    let new = Int32(numbers.count)
    numbers[name] = new
    return new
  }

  private mutating func number(ofCluster context: String, _ kubeconfig: String?) -> Int32 {
    if lastCluster >= 0 {
      let last = clusters[Int(lastCluster)]
      if last.context == context, last.kubeconfig == kubeconfig { return lastCluster }
    }
    let place = ClusterPlace(context: context, kubeconfig: kubeconfig)
    if let known = clusters.firstIndex(of: place) {
      lastCluster = Int32(known)
    } else {
      lastCluster = Int32(clusters.count)
      clusters.append(place)
    }
    return lastCluster
  }

  /// Sets how the job of a runner ended.
  mutating func end(_ runner: String, _ ending: RunningJobs.Ending) {
    guard let number = numbers[runner].map(Int.init), jobs[number].times.result == .running else { return }
    jobs[number].times.result = ending.result
    jobs[number].times.finished = jobs[number].times.finished ?? ending.finished
  }

  /// Sets that the job of a runner is running if nothing is known of its end.
  mutating func revive(_ runner: String) {
    guard let number = numbers[runner].map(Int.init), jobs[number].times.result == .unknown,
      jobs[number].times.finished == nil
    else { return }
    jobs[number].times.result = .running
  }

  /// Everything known about a job.
  package func record(_ job: Job, in files: [HistoryFile]) -> JobRecord? {
    var jobs = JobCollection()
    var next = job.place
    while next >= 0 {
      let place = places[Int(next)]
      jobs.add(files[Int(place.file)].read(at: place.start, count: Int(place.count))[...])
      next = place.former
    }
    return jobs.records.first
  }
}
