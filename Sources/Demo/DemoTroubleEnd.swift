import Engine

extension DemoTrouble {
  /// An action that may fix a trouble.
  enum Remedy: Equatable {
    /// The controller was installed or upgraded.
    case upgradedController
    /// A scale set was installed or upgraded.
    case upgradedScaleSet(String)
    /// The listener of a scale set was deleted, so that the controller creates another one.
    case deletedListener(String)
  }

  /// Ends the trouble if this is its fix: applied fixes have to work in the demo too.
  static func end(in state: inout DemoState, by remedy: Remedy) {
    guard let rule = state.trouble.flatMap(FindingRule.init(rawValue:)) else { return }
    let fixes: Bool =
      switch rule {
      case .controllerMissing, .controllerNotReady: remedy == .upgradedController
      case .versionSkew, .notDeployed, .limitLost, .drift, .valuesChanged: remedy == .upgradedScaleSet(victim)
      case .listenerStale, .listenerErrors, .queueStuck: remedy == .deletedListener(victim)
      default: false
      }
    if fixes { state.trouble = nil }
  }
}
