import Engine
import NIOCore

/// The open requests of the demo's proxy, and when to send what to them. Changes of a kind are computed once for all
/// its watchers. Confined to its event loop.
final class DemoServer {
  private struct Watcher {
    var connection: DemoConnection
    var plural: String
    var query: [String: String]
    var ends: ContinuousClock.Instant
    var marked = ContinuousClock.now
  }

  private var call: DemoCall
  private let context: String
  private let loop: any EventLoop
  private var watchers: [ObjectIdentifier: Watcher] = [:]
  private var followers: [ObjectIdentifier: DemoFollower] = [:]
  private var cache: DemoCache? { didSet { call.cache = cache } }
  /// The file version that the cache was read from.
  private var stamp: FileStamp?
  /// The world as last sent to the watchers; nil without watchers.
  private var told: DemoWorld?
  private var next: Scheduled<Void>?
  /// The time of `next`, in seconds since 1970.
  private var nextAt = 0.0
  /// The time of the next change without user action, in demo seconds.
  private var nextChange: Double?

  init(call: DemoCall, context: String, loop: any EventLoop) {
    (self.call, self.context, self.loop) = (call, context, loop)
  }

  // MARK: Requests

  func answer(_ target: String, _ connection: DemoConnection) {
    _ = currentCache()
    var call = call
    call.faults = DemoFaults(environment: call.environment, folder: call.store.folder)
    guard let seconds = call.faults.slowness else { return answer(target, connection, call) }
    let bound = NIOLoopBound((self, connection, call), eventLoop: loop)
    _ = loop.scheduleTask(in: .milliseconds(Int64(seconds * 1000))) {
      let (server, connection, call) = bound.value
      server.answer(target, connection, call)
    }
  }

  private func answer(_ target: String, _ connection: DemoConnection, _ call: DemoCall) {
    // Never respond, like a server that hangs.
    if call.faults.api == "hang" { return }
    do {
      if call.faults.failsNow() { throw DemoError("Error: a failure that was asked for (DEMO_FAIL)") }
      try DemoKubectl(call: call).checkCluster(context: context)
      switch try DemoAPI(call: call).resolve(target) {
      case .text(let text):
        connection.begin()
        connection.say(text)
        connection.end()
      case .watch(let plural, let query): watch(plural, query, connection)
      case .log(let request): try follow(request, connection)
      }
    } catch let error as DemoError {
      connection.refuse(error)
    } catch {
      connection.refuse(.internalServerError, String(describing: error))
    }
  }

  private func watch(_ plural: String, _ query: [String: String], _ connection: DemoConnection) {
    let api = DemoAPI(call: call)
    connection.begin()
    guard let then = api.world(at: query["resourceVersion"]) else {
      connection.say(DemoAPI.tooOld())
      return connection.end()
    }
    look()
    // The state last sent to other watchers: later changes are then sent to all at once.
    let world = told ?? begin(call.world())
    var text = ""
    let matching = DemoAPI.keyed(api.filtered(world.objects(plural), query))
    if query["sendInitialEvents"] == "true" {
      for (_, object) in matching.sorted(by: { $0.key < $1.key }) { text += DemoAPI.event("ADDED", object) }
      text += DemoAPI.bookmark(world, endsList: true)
    } else {
      let former = DemoAPI.keyed(api.filtered(then.objects(plural), query))
      for change in DemoAPI.changes(from: former, to: matching, world) {
        text += DemoAPI.event(change.type, change.object)
      }
    }
    connection.say(text)
    watchers[connection.id] = Watcher(
      connection: connection, plural: plural, query: query, ends: .now + .seconds(DemoAPI.lifetime(query)))
    look()
  }

  private func follow(_ request: DemoLogRequest, _ connection: DemoConnection) throws {
    let world = call.world()
    let whole: [(time: Double, text: String)]
    switch world.wholeLog(pod: request.pod, container: request.container) {
    case .success(let lines): whole = lines
    case .failure(let failure): throw DemoError(failure.text)
    }
    connection.begin(type: "text/plain")
    connection.say(request.text(request.begin(whole.filter { $0.time <= world.now }, world), world))
    guard request.follows else { return connection.end() }
    let follower = DemoFollower(connection, request, told: world.now)
    for set in world.scaleSets {
      guard let runner = set.runner(named: request.pod, at: world.now) else { continue }
      follower.decide(whole, end: set.podEnd(runner))
    }
    followers[connection.id] = follower
    // Hundreds are opened at once: changes in the meantime are sent when due, not with each request.
    guard told != nil, next != nil else { return look() }
    if follower.due.isFinite, world.clock.wall(of: follower.due) < nextAt { schedule() }
  }

  func forget(_ connection: ObjectIdentifier) {
    watchers[connection] = nil
    followers[connection] = nil
  }

  // MARK: Time

  /// Reads the faults again after a change in the state's folder.
  func readFaults() { call.faults = DemoFaults(environment: call.environment, folder: call.store.folder) }

  /// Updates the world and sends changes.
  func look() {
    next?.cancel()
    next = nil
    switch call.faults.api {
    // Watchers receive nothing more until the folder changes.
    case "hang": return
    case "refused": return endAll()
    default: break
    }
    guard !watchers.isEmpty || !followers.isEmpty else { return told = nil }
    let cache = currentCache()
    guard cache.state.isReached else { return endAll() }
    let world = call.world()
    let wasChanged = told.map { !$0.isOfSameState(world) || world.now < $0.now } ?? true
    if wasChanged || (nextChange ?? .infinity) <= world.now {
      if let told { tellChanges(DemoDifference(from: told, to: world)) }
      renewFollowers(world, former: told, all: wasChanged)
      begin(world)
    }
    for follower in followers.values { follower.tell(world) }
    endWatchers(world)
    schedule()
  }

  /// Starts sending changes from this state on.
  @discardableResult
  private func begin(_ world: DemoWorld) -> DemoWorld {
    told = world
    nextChange = world.nextChange
    return world
  }

  /// The cache for the current state.
  private func currentCache() -> DemoCache {
    let stamp = call.store.stamp
    if let cache, stamp == self.stamp { return cache }
    self.stamp = stamp
    let state = call.store.load()
    // The file may have been rewritten with the same content.
    if let cache, cache.state == state { return cache }
    let cache = DemoCache(state)
    self.cache = cache
    return cache
  }

  private func endAll() {
    for connection in watchers.values.map(\.connection) + followers.values.map(\.connection) { connection.end() }
    (watchers, followers, told) = ([:], [:], nil)
  }

  private func tellChanges(_ difference: DemoDifference) {
    let api = DemoAPI(call: call)
    for (plural, interested) in Dictionary(grouping: watchers.values, by: \.plural) {
      let events = difference.changes(plural).map { ($0.object, DemoAPI.event($0.type, $0.object)) }
      guard !events.isEmpty else { continue }
      for watcher in interested {
        watcher.connection.say(
          events.filter { !api.filtered([$0.0], watcher.query).isEmpty }.map(\.1).joined())
      }
    }
  }

  /// Ends the logs of deleted pods, and reevaluates what was not yet determined.
  ///
  /// - Parameter former: the world as last sent.
  private func renewFollowers(_ world: DemoWorld, former: DemoWorld?, all: Bool) {
    for (id, follower) in followers where all || !follower.isDecided || (follower.end ?? 0) <= world.now {
      switch world.wholeLog(
        pod: follower.request.pod, container: follower.request.container, after: follower.told)
      {
      case .success(let lines):
        guard follower.isDecided else {
          if let former, former.state.trouble != world.state.trouble { tellTrouble(follower, former, world) }
          follower.tell(lines, world)
          continue
        }
        guard all else { continue }
        let set = world.scaleSets.first { $0.runner(named: follower.request.pod, at: world.now) != nil }
        follower.decide(
          lines, end: set?.runner(named: follower.request.pod, at: world.now).flatMap { set?.podEnd($0) })
      case .failure:
        // Send its final lines before ending it.
        follower.tell(world)
        followers[id] = nil
        follower.connection.end()
      }
    }
  }

  /// Sends the lines that a trouble added to a log. They are older than those already sent, because a trouble is shown
  /// as having lasted for a while.
  private func tellTrouble(_ follower: DemoFollower, _ former: DemoWorld, _ world: DemoWorld) {
    func lines(_ world: DemoWorld) -> [(time: Double, text: String)] {
      let log = world.wholeLog(pod: follower.request.pod, container: follower.request.container)
      return ((try? log.get()) ?? []).filter { $0.time <= follower.told }
    }
    let known = Set(lines(former).map(\.text))
    let new = lines(world).filter { !known.contains($0.text) }
    if !new.isEmpty { follower.connection.say(follower.request.text(new, world)) }
  }

  private func endWatchers(_ world: DemoWorld) {
    for (id, watcher) in watchers {
      if watcher.ends <= .now {
        watchers[id] = nil
        watcher.connection.end()
      } else if watcher.marked.duration(to: .now) >= .seconds(DemoAPI.bookmarkInterval) {
        watchers[id]?.marked = .now
        watcher.connection.say(DemoAPI.bookmark(world, endsList: false))
      }
    }
  }

  /// Schedules the next update: a change of the world, a due line, or a watch's bookmark or end.
  private func schedule() {
    next?.cancel()
    next = nil
    guard let state = cache?.state, !watchers.isEmpty || !followers.isEmpty else { return }
    let now = DemoClock(state: state, wall: call.wall()).now
    let speed = max(state.speed, 0.000_001)
    var waits = watchers.values.map { watcher in
      min(
        ContinuousClock.now.duration(to: watcher.ends) / .seconds(1),
        DemoAPI.bookmarkInterval - watcher.marked.duration(to: .now) / .seconds(1))
    }
    if let nextChange { waits.append((nextChange - now) / speed) }
    if let due = followers.values.lazy.map(\.due).min(), due.isFinite { waits.append((due - now) / speed) }
    guard let wait = waits.min() else { return }
    // Changes within a tenth of a demo second are sent together: among hundreds of runners, one changes every few
    // milliseconds, and each change would update every watcher. At high speeds, real time is the limit.
    let seconds = min(max(wait + 0.002, min(max(0.1 / speed, 0.03), 0.1)), 3600)
    let bound = NIOLoopBound(self, eventLoop: loop)
    nextAt = DemoStore.wallClock() + seconds
    next = loop.scheduleTask(in: .microseconds(Int64(seconds * 1e6))) { bound.value.look() }
  }
}
