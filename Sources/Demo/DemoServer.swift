import Engine
import NIOCore

/// What is open at the demo's proxy, and what it tells when. What changes of a kind is worked out once for all who watch
/// it. It belongs to the thread of its event loop.
final class DemoServer {
  private struct Watcher {
    var connection: DemoConnection
    var plural: String
    var query: [String: String]
    var ends: ContinuousClock.Instant
    var marked = ContinuousClock.now
  }

  private struct Follower {
    var connection: DemoConnection
    var request: DemoLogRequest
    /// The demo's second until which everything was told.
    var told: Double
    /// What a runner says and will say; nil for a log that is decided as it goes.
    var lines: [(time: Double, text: String)]?
    /// When the next of its lines is due.
    var due: Double?
  }

  private var call: DemoCall
  private let context: String
  private let loop: any EventLoop
  private var watchers: [ObjectIdentifier: Watcher] = [:]
  private var followers: [ObjectIdentifier: Follower] = [:]
  /// The objects of the kinds that are watched, as they were told last.
  private var known: [String: [String: JSONValue]] = [:]
  private var cache: DemoCache? { didSet { call.cache = cache } }
  /// When the state was changed that the cache is of.
  private var changedAt = 0.0
  /// The state that those who watch were told of last; nil while nobody watches.
  private var told: DemoCache?
  private var next: Scheduled<Void>?
  /// When that is, in seconds since 1970.
  private var nextAt = 0.0
  /// When the world changes next by itself, in its own seconds.
  private var nextChange: Double?

  init(call: DemoCall, context: String, loop: any EventLoop) {
    (self.call, self.context, self.loop) = (call, context, loop)
  }

  // MARK: Questions

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
    // It says nothing, as a server that hangs.
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
    let world = call.world()
    let objects = known[plural] ?? DemoAPI.keyed(world.objects(plural))
    known[plural] = objects
    let matching = objects.filter { !api.filtered([$0.value], query).isEmpty }
    if query["sendInitialEvents"] == "true" {
      for (_, object) in matching.sorted(by: { $0.key < $1.key }) { connection.say(DemoAPI.event("ADDED", object)) }
      connection.say(DemoAPI.bookmark(world, endsList: true))
    } else {
      let former = DemoAPI.keyed(api.filtered(then.objects(plural), query))
      for change in DemoAPI.changes(from: former, to: matching, world) {
        connection.say(DemoAPI.event(change.type, change.object))
      }
    }
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
    let isRunner = world.scaleSets.contains { $0.runner(named: request.pod, at: world.now) != nil }
    followers[connection.id] = Follower(
      connection: connection, request: request, told: world.now, lines: isRunner ? whole : nil,
      due: isRunner ? Self.due(whole, after: world.now) : nil)
    // Hundreds are opened at once: what happens meanwhile is told when it is due, not with each of them.
    guard told != nil, next != nil else { return look() }
    if let due = followers[connection.id]?.due, world.clock.wall(of: due) < nextAt { schedule() }
  }

  func forget(_ connection: ObjectIdentifier) {
    watchers[connection] = nil
    followers[connection] = nil
    known = known.filter { plural, _ in watchers.values.contains { $0.plural == plural } }
  }

  // MARK: Time

  /// Looks at the world and tells what has happened.
  func look() {
    next?.cancel()
    next = nil
    guard !watchers.isEmpty || !followers.isEmpty else { return told = nil }
    let cache = currentCache()
    let wasChanged = told.map { $0 !== cache && $0.state != cache.state } ?? true
    told = cache
    guard cache.state.node?.status == "running" else { return endAll() }
    let world = DemoWorld(state: cache.state, wall: DemoStore.wallClock(), cache: cache)
    if wasChanged || (nextChange ?? .infinity) <= world.now {
      tellChanges(world)
      renewFollowers(world, all: wasChanged)
      nextChange = world.nextChange
    }
    tellLines(world)
    endWatchers(world)
    schedule()
  }

  /// What is known of the state as it is now.
  private func currentCache() -> DemoCache {
    let changed = call.store.changedAt
    if let cache, changed == changedAt { return cache }
    changedAt = changed
    let cache = DemoCache(call.store.load())
    self.cache = cache
    return cache
  }

  private func endAll() {
    for connection in watchers.values.map(\.connection) + followers.values.map(\.connection) { connection.end() }
    (watchers, followers, known) = ([:], [:], [:])
  }

  private func tellChanges(_ world: DemoWorld) {
    let api = DemoAPI(call: call)
    for (plural, former) in known {
      let now = DemoAPI.keyed(world.objects(plural))
      known[plural] = now
      let interested = watchers.values.filter { $0.plural == plural }
      for change in DemoAPI.changes(from: former, to: now, world) {
        let line = DemoAPI.event(change.type, change.object)
        for watcher in interested where !api.filtered([change.object], watcher.query).isEmpty {
          watcher.connection.say(line)
        }
      }
    }
  }

  /// Ends the logs of pods that are gone, and reads again what is decided as it goes.
  private func renewFollowers(_ world: DemoWorld, all: Bool) {
    guard !followers.isEmpty else { return }
    let runners = Set(world.scaleSets.flatMap { $0.runners(at: world.now).map(\.name) })
    for (id, follower) in followers {
      if follower.lines != nil, !all, runners.contains(follower.request.pod) { continue }
      switch world.wholeLog(pod: follower.request.pod, container: follower.request.container) {
      case .success(let lines):
        if follower.lines == nil {
          tell(lines, world, id)
        } else {
          followers[id]?.lines = lines
          followers[id]?.due = Self.due(lines, after: follower.told)
        }
      case .failure:
        // Its last words come before its end.
        if let lines = follower.lines { tell(lines, world, id) }
        followers[id] = nil
        follower.connection.end()
      }
    }
  }

  private func tellLines(_ world: DemoWorld) {
    for (id, follower) in followers where (follower.due ?? .infinity) <= world.now {
      if let lines = follower.lines { tell(lines, world, id) }
    }
  }

  private func tell(_ lines: [(time: Double, text: String)], _ world: DemoWorld, _ id: ObjectIdentifier) {
    guard let follower = followers[id] else { return }
    let new = lines.filter { $0.time > follower.told && $0.time <= world.now }
    followers[id]?.told = world.now
    if follower.lines != nil { followers[id]?.due = Self.due(lines, after: world.now) }
    follower.connection.say(follower.request.text(new, world))
  }

  /// When the next of these lines is due.
  private static func due(_ lines: [(time: Double, text: String)], after told: Double) -> Double? {
    lines.lazy.map(\.time).filter { $0 > told }.min()
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

  /// Sets the next look: when the world changes, a line is due, or a watch has something to say of itself.
  private func schedule() {
    next?.cancel()
    next = nil
    guard let state = cache?.state, !watchers.isEmpty || !followers.isEmpty else { return }
    let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
    let speed = max(state.speed, 0.000_001)
    var waits = watchers.values.map { watcher in
      min(
        ContinuousClock.now.duration(to: watcher.ends) / .seconds(1),
        DemoAPI.bookmarkInterval - watcher.marked.duration(to: .now) / .seconds(1))
    }
    if let nextChange { waits.append((nextChange - now) / speed) }
    for follower in followers.values {
      if let due = follower.due { waits.append((due - now) / speed) }
    }
    guard let wait = waits.min() else { return }
    // At high speeds changes are gathered, as a slow server would.
    let seconds = min(max(wait + 0.002, 0.03), 3600)
    let bound = NIOLoopBound(self, eventLoop: loop)
    nextAt = DemoStore.wallClock() + seconds
    next = loop.scheduleTask(in: .microseconds(Int64(seconds * 1e6))) { bound.value.look() }
  }
}
