#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The persistent state of the embedded cluster: what commands changed. Everything else is computed from it, the seed
/// and the clock.
struct DemoState: Codable, Equatable {
  /// The container that serves as the cluster's node.
  struct Node: Codable, Equatable {
    var status = "running"
    var createdAt: Double
    /// When it was last started; earlier runners no longer exist.
    var startedAt: Double
    var mounts: [[String]] = []
  }

  struct Release: Codable, Equatable {
    var chart: String
    var version: String
    var revision = 1
    var status = "deployed"
    /// As JSON.
    var values: String
    /// Nil for deskrun's default namespace.
    var namespace: String?
    /// Labels and annotations by which other tools recognize what they deployed.
    var labels: [String: String]?
    var annotations: [String: String]?
    var installedAt: Double
    /// When the pod template last changed; earlier runners are replaced.
    var templateSince: Double
    /// The slots that changed when the scale set was scaled, by index.
    var changes: [Int: PlaceChange]?
  }

  /// A slot of a scale set: it has one runner after another.
  struct Place: Codable, Equatable {
    /// When its first runner starts.
    var since: Double
    /// Whether it counts towards the minimum, so that its runner waits for a job.
    var waits: Bool
  }

  /// A change of a slot by scaling.
  struct PlaceChange: Codable, Equatable {
    /// When the change takes effect.
    var at: Double
    /// The previous state; nil for a new slot.
    var former: Place?
  }

  /// A scale set that was uninstalled while a runner was busy.
  struct Leaving: Codable, Equatable {
    var release: Release
    var at: Double
  }

  /// A Secret or ConfigMap. The values of a Secret are stored only as salted hashes, for comparison.
  struct Kept: Codable, Equatable {
    var kind: String
    var labels: [String: String]
    var data: [String: String]
    /// Whether GitHub would accept the credentials in it.
    var isGood = true
    var changedAt: Double
    /// Nil for deskrun's default namespace.
    var namespace: String?
  }

  var seed: UInt64 = 1
  var speed = 1.0
  /// The wall clock's time `anchorWall` corresponds to the demo's time `anchorDemo`.
  var anchorWall = 0.0
  var anchorDemo = 0.0
  var dockerStatus = "running"
  var node: Node?
  var cluster = "deskrun"
  var contexts: [String] = []
  var currentContext: String?
  var releases: [String: Release] = [:]
  var leaving: [String: Leaving] = [:]
  var kept: [String: Kept] = [:]
  /// Pods that were deleted with kubectl, and when.
  var deletedPods: [String: Double] = [:]
  /// Listeners that were deleted with kubectl, and when; they are recreated.
  var listenersSince: [String: Double] = [:]
  /// The version of ARC's resource definitions; nil if they are not installed. They remain when the controller is
  /// uninstalled.
  var definitions: String?
  /// Busy runners whose deletion was requested, and when: up to ARC 0.14 they finish their job first.
  var endingRunners: [String: Double]?
  /// The finding rule whose problem is simulated.
  var trouble: String?
  /// The options it was created with; nil in states of earlier versions.
  var start: DemoStart?
  /// The node's original mounts, while a simulated problem has removed them.
  var mountsBefore: [[String]]?
}

extension DemoState {
  /// Removes what no longer exists by now, so that a later change (deleting a Secret, for example) does not bring it
  /// back.
  mutating func settle(wall: Double) {
    let now = DemoClock(state: self, wall: wall).now
    for (name, leaving) in leaving {
      let set = DemoScaleSet(name: name, release: leaving.release, state: self, leavingSince: leaving.at)
      if let gone = set.goneAt(), now >= gone { self.leaving[name] = nil }
    }
    // Runner names are never reused, so old deletions can be dropped.
    if deletedPods.count > 500 { deletedPods = deletedPods.filter { now - $0.value < 3600 } }
  }
}

/// Converts between the demo's time and real time.
struct DemoClock {
  var state: DemoState
  /// The real time in seconds since 1970.
  var wall: Double

  /// The current time of the demo, in its seconds.
  var now: Double { state.anchorDemo + (wall - state.anchorWall) * state.speed }

  /// The real time that corresponds to a time of the demo. Before the anchor both run at the same speed.
  func wall(of demo: Double) -> Double {
    let offset = demo - state.anchorDemo
    return state.anchorWall + (offset < 0 ? offset : offset / state.speed)
  }
}
