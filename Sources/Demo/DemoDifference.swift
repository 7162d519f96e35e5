import Engine

/// The differences between two moments of the demo's world. Spontaneous changes affect one runner at a time, at known
/// moments: only what belongs to changed runners is compared, however many there are.
struct DemoDifference {
  /// A scale set that changed, or whose runners did.
  private struct Part {
    var set: DemoScaleSet
    /// The places whose runners changed; nil if all must be compared.
    var places: [Int]?
  }

  private let former: DemoWorld
  private let now: DemoWorld
  /// Where something changed; nil if unknown.
  private let parts: [Part]?
  /// Whether the controller changed too.
  private let concernsController: Bool

  /// - Parameters:
  ///   - former: the world at some moment.
  ///   - now: the world at a later moment.
  init(from former: DemoWorld, to now: DemoWorld) {
    (self.former, self.now) = (former, now)
    let (start, end) = (former.now, now.now)
    concernsController = now.controllerMoments.contains { start < $0 && $0 <= end }
    // A trouble changes objects over time.
    guard former.isOfSameState(now), now.state.trouble == nil, start <= end else {
      parts = nil
      return
    }
    parts = now.everyScaleSet.compactMap { set, gone in
      if start < gone, gone <= end { return Part(set: set) }
      guard end < gone else { return nil }
      guard set.isRegular else {
        return (set.nextChange(after: start) ?? .infinity) <= end ? Part(set: set) : nil
      }
      let places = set.changedPlaces(since: start, until: end)
      return places.isEmpty && !set.hasChanged(since: start, until: end) ? nil : Part(set: set, places: places)
    }
  }

  /// The watch events of a kind that report the differences.
  func changes(_ plural: String) -> [(type: String, object: JSONValue)] {
    guard let parts else {
      return DemoAPI.changes(
        from: DemoAPI.keyed(former.objects(plural)), to: DemoAPI.keyed(now.objects(plural)), now)
    }
    let (before, after) = (objects(plural, parts, of: former), objects(plural, parts, of: now))
    guard !before.isEmpty || !after.isEmpty else { return [] }
    return DemoAPI.changes(from: DemoAPI.keyed(before), to: DemoAPI.keyed(after), now)
  }

  private func objects(_ plural: String, _ parts: [Part], of world: DemoWorld) -> [JSONValue] {
    let common = concernsController ? world.commonObjects(plural) : []
    return common
      + parts.flatMap { part -> [JSONValue] in
        guard let places = part.places else { return world.has(part.set) ? world.objects(plural, of: part.set) : [] }
        return world.ownObjects(plural, of: part.set)
          + places.compactMap { part.set.runner(place: $0, at: world.now) }.flatMap {
            world.objects(plural, of: $0, in: part.set)
          }
      }
  }
}
