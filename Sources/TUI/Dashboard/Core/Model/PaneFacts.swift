/// What panes work out of what is known. It is kept in the model until what it follows from changes, so that drawing a
/// frame does not cost what all jobs together cost.
extension Model {
  /// Works something out, if that was not done since it last changed.
  ///
  /// - Parameter version: changes with everything that the value follows from.
  package mutating func workOut<Value: Sendable>(_ pane: PaneID, version: String, _ make: (Model) -> Value) {
    guard facts[pane]?.version != version else { return }
    facts[pane] = (version, make(self))
  }

  /// What a pane worked out last.
  package func facts<Value>(of pane: PaneID, as type: Value.Type) -> Value? { facts[pane]?.value as? Value }
}
