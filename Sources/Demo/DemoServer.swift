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

  private var call: DemoCall
  private let context: String
  private let loop: any EventLoop
  private var watchers: [ObjectIdentifier: Watcher] = [:]
  private var followers: [ObjectIdentifier: DemoFollower] = [:]
  private var cache: DemoCache? { didSet { call.cache = cache } }
  /// The file that the cache is of.
  private var stamp: FileStamp?
  /// The world as those who watch were told of it last; nil while nobody watches.
  private var told: DemoWorld?
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
    // As the others who watch were told of it: what has happened since is told to all of them at once.
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
    // Hundreds are opened at once: what happens meanwhile is told when it is due, not with each of them.
    guard told != nil, next != nil else { return look() }
    if follower.due.isFinite, world.clock.wall(of: follower.due) < nextAt { schedule() }
  }

  func forget(_ connection: ObjectIdentifier) {
    watchers[connection] = nil
    followers[connection] = nil
  }

  // MARK: Time

  /// Something of the state's folder has changed, perhaps what is to go wrong.
  func readFaults() { call.faults = DemoFaults(environment: call.environment, folder: call.store.folder) }

  /// Looks at the world and tells what has happened.
  func look() {
    next?.cancel()
    next = nil
    switch call.faults.api {
    // Whoever watches hears nothing more, until something of the folder changes.
    case "hang": return
    case "refused": return endAll()
    default: break
    }
    guard !watchers.isEmpty || !followers.isEmpty else { return told = nil }
    let cache = currentCache()
    guard cache.state.node?.status == "running" else { return endAll() }
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

  /// What is told from now on is what has changed since.
  @discardableResult
  private func begin(_ world: DemoWorld) -> DemoWorld {
    told = world
    nextChange = world.nextChange
    return world
  }

  /// What is known of the state as it is now.
  private func currentCache() -> DemoCache {
    let stamp = call.store.stamp
    if let cache, stamp == self.stamp { return cache }
    self.stamp = stamp
    let state = call.store.load()
    // What was written need not say anything else.
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

  /// Ends the logs of pods that are gone, and reads again what is decided as it goes.
  ///
  /// - Parameter former: the world before, as it was told last.
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
        // Its last words come before its end.
        follower.tell(world)
        followers[id] = nil
        follower.connection.end()
      }
    }
  }

  /// Tells a log the lines that a trouble has put into it, which are older than those that were told: what they tell of
  /// has gone on for a while.
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

  /// Sets the next look: when the world changes, a line is due, or a watch has something to say of itself.
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
    // What happens within a tenth of the demo's second is told together: of hundreds of runners one does something every
    // few milliseconds, and each time all who look would look. At high speeds the time that passes is what counts.
    let seconds = min(max(wait + 0.002, min(max(0.1 / speed, 0.03), 0.1)), 3600)
    let bound = NIOLoopBound(self, eventLoop: loop)
    nextAt = DemoStore.wallClock() + seconds
    next = loop.scheduleTask(in: .microseconds(Int64(seconds * 1e6))) { bound.value.look() }
  }
}
