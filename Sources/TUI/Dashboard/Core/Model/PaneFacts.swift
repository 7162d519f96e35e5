/// Values that panes derive from the model. They are cached in the model until their inputs change, so that drawing a
/// frame does not cost as much as evaluating all jobs.
extension Model {
  /// Computes a value, unless it is up to date.
  ///
  /// - Parameter version: changes with every input of the value.
  package mutating func workOut<Value: Sendable>(_ pane: PaneID, version: String, _ make: (Model) -> Value) {
    guard facts[pane]?.version != version else { return }
    facts[pane] = (version, make(self))
  }

  /// The last value that a pane computed.
  package func facts<Value>(of pane: PaneID, as type: Value.Type) -> Value? { facts[pane]?.value as? Value }
}
