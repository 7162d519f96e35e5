import Engine

/// The parts of the demo's world that only change through actions, cached for a process that reads it many times a
/// second. Use it only on one thread.
final class DemoCache {
  let state: DemoState

  init(_ state: DemoState) { self.state = state }

  /// The scale sets, including former ones and those being deleted, and when each one is gone.
  private(set) lazy var scaleSets: [(set: DemoScaleSet, gone: Double)] = {
    let present = state.releases.filter { $0.value.chart == "gha-runner-scale-set" }.map { name, release in
      let set = DemoScaleSet(name: name, release: release, state: state)
      // A controller of another version deletes the scale set soon after its creation.
      let isKept = controllerRelease.map { ARCVersion.isSameMinor($0.version, release.version) } ?? true
      return (set: set, gone: isKept ? .infinity : release.installedAt + 2)
    }
    let leaving = state.leaving.map { name, leaving in
      let set = DemoScaleSet(name: name, release: leaving.release, state: state, leavingSince: leaving.at)
      return (set: set, gone: set.goneAt() ?? .infinity)
    }
    return (present + leaving).sorted { $0.set.name < $1.set.name }
  }()

  private(set) lazy var controllerRelease: DemoState.Release? =
    state.releases.values.first { $0.chart == "gha-runner-scale-set-controller" }

  /// Whether the controller behaves as in ARC 0.15 and later; without a controller, the one to be installed.
  private(set) lazy var isFrom015 =
    (controllerRelease.flatMap { ARCRelease($0.version) } ?? SupportedARC.newest).isInPlaceGeneration
}
