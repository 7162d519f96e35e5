#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the embedded cluster remembers between two calls: what was done to it. Everything that happens by itself is
/// computed from this, the seed and the clock.
struct DemoState: Codable, Equatable {
  /// The container that is the cluster's node.
  struct Node: Codable, Equatable {
    var status = "running"
    var createdAt: Double
    /// When it was last started: runners from before are gone.
    var startedAt: Double
    var mounts: [[String]] = []
  }

  /// A Helm release.
  struct Release: Codable, Equatable {
    var chart: String
    var version: String
    var revision = 1
    var status = "deployed"
    /// The values as JSON.
    var values: String
    /// Its namespace; nil for deskrun's own.
    var namespace: String?
    /// Labels and annotations by which others know again what they deployed.
    var labels: [String: String]?
    var annotations: [String: String]?
    var installedAt: Double
    /// When its pods' template was last changed: runners from before are replaced.
    var templateSince: Double
    /// The places that work otherwise since the scale set was scaled, by their numbers.
    var changes: [Int: PlaceChange]?
  }

  /// How a place of a scale set works.
  struct Place: Codable, Equatable {
    /// When its first turn begins.
    var since: Double
    /// Whether it is one of the minimum, whose runner waits for a job.
    var waits: Bool
  }

  /// What scaling changed of a place.
  struct PlaceChange: Codable, Equatable {
    /// When it works as it does now.
    var at: Double
    /// How it worked before; nil where there was no such place.
    var former: Place?
  }

  /// A scale set that was uninstalled while a runner was busy.
  struct Leaving: Codable, Equatable {
    var release: Release
    var at: Double
  }

  /// A Secret or ConfigMap. Of a Secret's values only what compares: salted hashes.
  struct Kept: Codable, Equatable {
    var kind: String
    var labels: [String: String]
    var data: [String: String]
    /// Whether GitHub would accept the credentials in it.
    var isGood = true
    var changedAt: Double
    /// Where it is; nil in deskrun's own namespace.
    var namespace: String?
  }

  var seed: UInt64 = 1
  var speed = 1.0
  /// Where the demo's clock stood when the wall clock stood at `anchorWall`.
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
  /// Pods that were deleted by hand, and when.
  var deletedPods: [String: Double] = [:]
  /// Listeners that were deleted by hand, and when: they come back.
  var listenersSince: [String: Double] = [:]
  /// The version of ARC's resource definitions; nil while there are none. They stay when the controller goes.
  var definitions: String?
  /// Runners with a job whose deletion was asked for, and when: up to ARC 0.14 they finish it first.
  var endingRunners: [String: Double]?
  /// The rule of the findings that is to have something to see.
  var trouble: String?
  /// What it started with, as the options said; nil in states of earlier versions.
  var start: DemoStart?
  /// The node's mounts, while a trouble has taken them away.
  var mountsBefore: [[String]]?
}

extension DemoState {
  /// Forgets what is gone by now: what is done next (deleting a Secret, say) must not bring it back.
  mutating func settle(wall: Double) {
    let now = DemoClock(state: self, wall: wall).now
    for (name, leaving) in leaving {
      let set = DemoScaleSet(name: name, release: leaving.release, state: self, leavingSince: leaving.at)
      if let gone = set.goneAt(), now >= gone { self.leaving[name] = nil }
    }
    // Names of runners never come again, so old deletions can go.
    if deletedPods.count > 500 { deletedPods = deletedPods.filter { now - $0.value < 3600 } }
  }
}

/// The seconds of the demo's world and of the real one.
struct DemoClock {
  var state: DemoState
  /// Seconds since 1970 on the wall.
  var wall: Double

  /// Now, in the demo's seconds.
  var now: Double { state.anchorDemo + (wall - state.anchorWall) * state.speed }

  /// When something happens on the wall that happens at this second of the demo. What was before the anchor happened
  /// at the wall's own speed.
  func wall(of demo: Double) -> Double {
    let offset = demo - state.anchorDemo
    return state.anchorWall + (offset < 0 ? offset : offset / state.speed)
  }
}
