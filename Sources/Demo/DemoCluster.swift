import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Options of the embedded cluster; nil keeps the current value.
package struct DemoOptions: Sendable {
  /// The speed of its clock, as a multiple of real time.
  package var speed: Double?
  /// The seed from which names, jobs and failures are generated.
  package var seed: UInt64?
  /// The approximate number of runners that the initial installations have in total.
  package var runners: Int?
  /// Whether it starts empty.
  package var isEmpty: Bool
  /// Whether scale sets of other owners exist too, in other namespaces.
  package var hasOthers: Bool
  /// The finding rule to simulate a problem for; `none` ends the simulated problem.
  package var trouble: String?
  /// The number of clusters; those after the first are not kind clusters.
  package var clusters: Int?
  /// How the second cluster fails to respond.
  package var outage: DemoOutage?

  package init(
    speed: Double? = nil, seed: UInt64? = nil, runners: Int? = nil, isEmpty: Bool = false, trouble: String? = nil,
    hasOthers: Bool = false, clusters: Int? = nil, outage: DemoOutage? = nil
  ) {
    self.hasOthers = hasOthers
    self.trouble = trouble
    (self.clusters, self.outage) = (clusters, outage)
    self.speed = speed
    self.seed = seed
    self.runners = runners
    self.isEmpty = isEmpty
  }
}

/// The embedded cluster: a folder with its state, and programs named kubectl, helm, kind and docker that are deskrun
/// itself under another name.
package enum DemoCluster {
  private static let tools = ["kubectl", "helm", "kind", "docker"]
  /// The environment variable that contains the demo's token.
  package static let tokenVariable = "DESKRUN_DEMO_TOKEN"
  /// A fake token in the format of a real one.
  static let token = "ghp_demodemodemodemodemodemodemodemodemo"

  /// Prepares the folder, and on first use the demo's initial state.
  ///
  /// - Parameters:
  ///   - root: the demo's folder.
  ///   - executable: the file of this program.
  /// - Returns: the variables that point deskrun and its tools to the demo.
  /// - Throws: `EngineError` if the folder cannot be written or does not belong to the demo.
  package static func prepare(root: String, executable: String, options: DemoOptions) throws -> [String: String] {
    let (bin, stateFolder, home) = (root + "/bin", root + "/state", root + "/home")
    try DemoHome.claim(root)
    do {
      for folder in [root, bin, stateFolder, home] { try FileIO.makePrivateFolder(folder) }
    } catch {
      throw EngineError(
        .failed, "The demo's folder \(root) cannot be created", why: error.reason,
        fix: "Set DESKRUN_DEMO_HOME to a folder that can be written")
    }
    for tool in tools { try link("\(bin)/\(tool)", to: executable) }
    var environment = [
      "PATH": bin, "DESKRUN_HOME": home, "DESKRUN_DEMO_STATE": stateFolder, "KUBECONFIG": root + "/kubeconfig",
      tokenVariable: token,
    ]
    let store = DemoStore(folder: stateFolder)
    let isNew = !store.exists
    if !isNew { try DemoStart(options).check(against: store.load().start) }
    try set(store, options, isNew: isNew)
    if isNew, !options.isEmpty || options.hasOthers {
      try DemoSeed(environment: environment, store: store, token: token).plant(options)
    }
    if options.hasOthers { try store.update { DemoOthers.plant(&$0) } }
    try DemoFurtherClusters(root: root, environment: environment).prepare(options)
    if let trouble = options.trouble { try begin(trouble, store, environment) }
    if store.load().trouble == FindingRule.toolsMissing.rawValue { unlink("\(bin)/helm") }
    // The demo also simulates its own host, so that problems of the real one do not appear as findings.
    environment[HostFacts.variable] = store.file
    return environment
  }

  /// Applies the options for a cluster's clock and seed.
  static func set(_ store: DemoStore, _ options: DemoOptions, isNew: Bool) throws {
    try store.update { state in
      let wall = DemoStore.wallClock()
      if isNew {
        state.seed = options.seed ?? 1
        state.anchorWall = wall
        state.anchorDemo = wall
        state.start = DemoStart(options)
      }
      if let seed = options.seed { state.seed = seed }
      if let speed = options.speed, speed != state.speed {
        state.anchorDemo = DemoClock(state: state, wall: wall).now
        state.anchorWall = wall
        state.speed = speed
      }
    }
  }

  /// Starts the simulation of a problem, or ends it.
  private static func begin(_ name: String, _ store: DemoStore, _ environment: [String: String]) throws {
    let rule = FindingRule(rawValue: name)
    let home = environment["DESKRUN_HOME"] ?? ""
    let former = store.load().trouble
    try store.update { state in
      // First undo what the previous problem did to the node.
      if state.trouble == FindingRule.clusterStopped.rawValue { state.node?.status = "running" }
      if let mounts = state.mountsBefore { state.node?.mounts = mounts }
      state.mountsBefore = nil
      state.trouble = rule?.rawValue
      if rule == .clusterStopped { state.node?.status = "exited" }
      if rule == .nodeMounts {
        state.mountsBefore = state.node?.mounts
        state.node?.mounts = []
      }
    }
    let ofPlaces = [FindingRule.contextMissing, .clusterChanged]
    if ofPlaces.contains(where: { $0 == rule || $0.rawValue == former }) {
      let name = try InstallationName(DemoTrouble.victim)
      try ConfigurationStore(paths: Paths(environment: environment)).update { configuration in
        configuration.notePlace(
          of: name, rule == .contextMissing ? ClusterPlace(context: "former") : nil,
          identity: rule == .clusterChanged ? DemoTrouble.formerCluster : nil)
      }
    }
    if rule == nil || rule == .imagePull {
      try DemoImage(environment: environment, store: store).set(exists: rule == nil)
    }
    let history = JobHistory(path: home + "/history.jsonl")
    // Later than all jobs so far, because the findings are based on the newest job.
    func next() -> Int64 { max(Int64(DemoStore.wallClock()), (history.recent().last?.latest ?? 0) + 1) }
    if rule == nil, former != nil { try succeed(history, at: next()) }
    guard let rule, let line = DemoTrouble.jobLine(rule) else { return }
    let now = next()
    let runner = "\(DemoTrouble.victim)-demo-runner-\(now)"
    var job = Job()
    (job.name, job.repository, job.workflow, job.ref) = ("build", "acme/web", "ci.yml", "main")
    try history.append([
      JobRecord(
        runner: runner, scaleSet: DemoTrouble.victim, job: job, started: now - 10, finished: now, result: .failed)
    ])
    let stamp = Timestamp.text(now - 2)
    LogArchive(folder: home + "/logs").keep(
      ["\(stamp) \(line)", "\(stamp) \(stamp.replacing("T", with: " ")): Job build completed with result: Failed"],
      scaleSet: DemoTrouble.victim, runner: runner)
  }

  /// Lets the job succeed that failed because of the problem, so that the finding disappears.
  private static func succeed(_ history: JobHistory, at now: Int64) throws {
    var job = Job()
    (job.name, job.repository, job.workflow, job.ref) = ("build", "acme/web", "ci.yml", "main")
    try history.append([
      JobRecord(
        runner: "\(DemoTrouble.victim)-demo-runner-\(now)", scaleSet: DemoTrouble.victim, job: job,
        started: now - 10, finished: now, result: .succeeded)
    ])
  }

  /// Deletes the demo's state.
  ///
  /// - Throws: `EngineError` if a file cannot be deleted, or if the folder does not belong to the demo; in that case
  ///   nothing is deleted.
  package static func reset(root: String) throws {
    guard try DemoHome.isOurs(root) else { throw DemoHome.foreign(root) }
    let problems = ["bin", "state", "home"].map { DirectoryRemoval.delete("\(root)/\($0)") }
    unlink("\(root)/kubeconfig")
    guard let problem = problems.first(where: { $0 != 0 }) else { return }
    throw EngineError(
      .failed, "The demo in \(root) cannot be reset", why: String(cString: strerror(problem)), fix: "Delete \(root)")
  }

  private static func link(_ path: String, to executable: String) throws {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count - 1)
    if count > 0, String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == executable {
      return
    }
    let temporary = "\(path).\(getpid())"
    unlink(temporary)
    guard symlink(executable, temporary) == 0, rename(temporary, path) == 0 else {
      throw EngineError(.failed, "\(path) cannot be created", why: String(cString: strerror(errno)))
    }
  }
}
