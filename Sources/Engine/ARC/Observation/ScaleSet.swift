import Basics
import Kubernetes
import Tools

/// A scale set as it is in the cluster (ARC's AutoscalingRunnerSet).
package struct ScaleSet: ScannedObject, Equatable {
  /// Name and age.
  package var metadata: ObjectMetadata
  /// What it serves.
  package var githubURL: String
  /// The chart's version it was deployed with.
  package var version: String
  /// Whether GitHub knows it: the controller writes the id it got.
  package var isRegistered: Bool
  /// `Pending`, `Running`, `Outdated`, or empty.
  package var phase: String
  /// How often its spec was changed; 0 when it does not say.
  package var generation: Int
  /// The change that `phase` takes into account; nil up to ARC 0.14, which does not say.
  package var observedGeneration: Int?
  /// Runners that wait, as deployed.
  package var minimum: Int
  /// Runners at most, as deployed; nil for no limit.
  package var maximum: Int?
  /// The installation that deskrun marked it with; nil for one that bears no mark.
  package var mark: String?
  /// The number of the values files it was deployed with; nil for one without.
  package var valuesDigest: String?
  /// The labels it has besides its name, as deployed.
  package var labels: [String] = []
  /// The runner group, as deployed; nil for GitHub's default one.
  package var group: String?
  /// The image of the container `runner`, as deployed; nil when the pod template names none.
  package var image: String?
  /// The Helm release in its own namespace that deployed it; nil when none there did.
  package var release: String?

  /// The identity of the deskrun that marked it; nil for one that bears no such mark.
  package var ownerMark: String?
  /// What deploys it, as it says itself.
  package var manager = ScaleSetManager.unknown

  /// What it is called wherever there may be others of its name.
  package var id: String { ScaleSetID.text(metadata.name, in: metadata.namespace) }

  /// The name it is deployed under: that of its release, whose values may give the scale set another one.
  package var ownRelease: String { release ?? metadata.name }

  package init(_ scanner: inout JSONScanner) {
    var metadata = ObjectMetadata()
    var (url, version, isRegistered, phase) = ("", "", false, "")
    var (generation, observedGeneration) = (0, Int?.none)
    var (minimum, maximum) = (0, Int?.none)
    var digest: String?
    var (labels, group, image) = ([String](), String?.none, String?.none)
    var marks = ManagerMarks()
    scanner.object { key, value in
      switch key {
      case "metadata":
        value.fork { scanner in
          scanner.object { key, value in
            switch key {
            case "generation": generation = value.amount() ?? 0
            case "annotations":
              value.object { key, value in
                switch key {
                case "runner-scale-set-id": isRegistered = value.string() != nil
                default: marks.readAnnotation(key, &value)
                }
              }
            default: break
            }
          }
        }
        metadata = ObjectMetadata(&value) { key, value in
          switch key {
          case "app.kubernetes.io/version": version = value.string() ?? ""
          case "deskrun/values": digest = value.string()
          default: marks.readLabel(key, &value)
          }
        }
      case "spec":
        value.object { key, value in
          switch key {
          case "githubConfigUrl": url = value.string() ?? ""
          case "minRunners": minimum = value.amount() ?? 0
          case "maxRunners": maximum = value.amount()
          case "runnerGroup": group = value.string()
          case "runnerScaleSetLabels": value.array { if let label = $0.string() { labels.append(label) } }
          case "template": image = Self.runnerImage(&value)
          default: break
          }
        }
      case "status":
        value.object { key, value in
          switch key {
          case "phase": phase = value.string() ?? ""
          case "observedGeneration": observedGeneration = value.amount()
          default: break
          }
        }
      default: break
      }
    }
    self.metadata = metadata
    release = marks.releaseNamespace ?? metadata.namespace == metadata.namespace ? marks.release : nil
    (self.generation, self.observedGeneration) = (generation, observedGeneration)
    (githubURL, self.version, self.isRegistered, self.phase) = (url, version, isRegistered, phase)
    (self.minimum, self.maximum) = (minimum, maximum)
    mark = marks.installation
    ownerMark = marks.owner
    manager = marks.manager(in: metadata.namespace)
    valuesDigest = digest
    (self.labels, self.image) = (labels, image)
    self.group = ScaleSetSettings.group(group)
  }

  /// The image of the container `runner` of a pod template.
  private static func runnerImage(_ template: inout JSONScanner) -> String? {
    var image: String?
    template.object { key, value in
      guard case "spec" = key else { return }
      value.object { key, value in
        guard case "containers" = key else { return }
        value.array { container in
          var (name, found) = (String?.none, String?.none)
          container.object { key, value in
            switch key {
            case "name": name = value.string()
            case "image": found = value.string()
            default: break
            }
          }
          if name == "runner" { image = found }
        }
      }
    }
    return image
  }

  /// What of its spec an installation decides.
  package var settings: ScaleSetSettings {
    ScaleSetSettings(
      scaleSet: metadata.name, url: githubURL, minimum: minimum, maximum: maximum, group: group, labels: labels,
      image: image)
  }

  /// Whether it is stopped because GitHub refuses the version of its runners. A phase that the controller wrote before
  /// the latest change of the spec says nothing: the change may bring it back.
  package var isOutdated: Bool {
    OutdatedPhase.isCurrent(phase, generation: generation, observedGeneration: observedGeneration)
  }
}

/// When the phase `Outdated` of a scale set means that it is stopped.
package enum OutdatedPhase {
  /// Whether the phase is `Outdated` and takes the latest change of the spec into account, as far as can be told: up to
  /// ARC 0.14 nothing tells, and it counts.
  package static func isCurrent(_ phase: String, generation: Int, observedGeneration: Int?) -> Bool {
    phase == "Outdated" && (observedGeneration.map { $0 >= generation } ?? true)
  }

  /// Whether a set that was just changed is stopped for good: at once where the phase is known to be that of the change,
  /// else once it has lasted.
  ///
  /// - Parameters:
  ///   - lasted: how long the phase has been seen since the change.
  ///   - patience: how long it must last; some 10 s on a real cluster.
  package static func isSettled(
    _ phase: String, generation: Int, observedGeneration: Int?, lasted: Duration, patience: Duration
  ) -> Bool {
    guard phase == "Outdated" else { return false }
    if let observedGeneration, observedGeneration >= generation { return true }
    return lasted >= patience
  }
}

/// ARC's controller as it is in the cluster.
package struct ControllerState: ScannedObject, Equatable {
  /// Its version.
  package var version: String
  /// Whether a pod of it is ready.
  package var isReady: Bool

  /// The name of its deployment.
  package var name: String
  /// The namespace it is in, where it also makes the listeners.
  package var namespace = ""
  /// The Helm release that deployed it; empty when it names none.
  package var release = ""

  /// Whether it is where deskrun installs its own.
  package var hasOwnPlace: Bool { namespace == ClusterTarget.namespace && release == ARCCharts.controllerRelease }

  /// One that moves to another namespace has the same name there, and may be there before the old one is gone.
  var key: ObjectKey { ObjectKey(name, namespace) }

  /// Describes one.
  package init(version: String, isReady: Bool) { self.init(version: version, isReady: isReady, name: "") }

  package init(version: String, isReady: Bool, name: String) {
    self.version = version
    self.isReady = isReady
    self.name = name
  }

  /// Whether nothing that is read of them differs.
  package static func == (a: ControllerState, b: ControllerState) -> Bool {
    a.version == b.version && a.isReady == b.isReady
  }

  package init(_ scanner: inout JSONScanner) {
    var (name, namespace, version, ready, release) = ("", "", "", 0, "")
    scanner.object { key, value in
      switch key {
      case "metadata":
        let metadata = ObjectMetadata(&value) { key, value in
          switch key {
          case "app.kubernetes.io/version": version = value.string() ?? ""
          case "app.kubernetes.io/instance": release = value.string() ?? ""
          default: break
          }
        }
        (name, namespace) = (metadata.name, metadata.namespace)
      case "status":
        value.object { key, value in
          switch key {
          case "readyReplicas": ready = value.amount() ?? 0
          default: break
          }
        }
      default: break
      }
    }
    self.init(version: version, isReady: ready > 0, name: name)
    (self.namespace, self.release) = (namespace, release)
  }
}
