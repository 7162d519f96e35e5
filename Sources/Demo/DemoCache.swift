import Engine

/// What of the demo's world stays as it is for as long as nobody does something to it: for a process that looks at it many
/// times a second. It belongs to one thread.
final class DemoCache {
  let state: DemoState
  private var scaleSets: [String: DemoScaleSet] = [:]
  private var objects: [String: JSONValue] = [:]

  init(_ state: DemoState) { self.state = state }

  /// A scale set with what it remembers of its runners.
  func scaleSet(_ name: String, _ make: () -> DemoScaleSet) -> DemoScaleSet {
    if let known = scaleSets[name] { return known }
    var set = make()
    set.memory = DemoScaleSet.Memory()
    scaleSets[name] = set
    return set
  }

  /// An object that is the same whenever it has this key.
  func object(_ key: String, _ make: () -> JSONValue) -> JSONValue {
    if let known = objects[key] { return known }
    // What is gone is never asked for again.
    if objects.count > 4096 { objects = [:] }
    let object = make()
    objects[key] = object
    return object
  }
}
