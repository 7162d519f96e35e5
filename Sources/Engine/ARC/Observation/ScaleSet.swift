import Basics
import Kubernetes
import Tools

/// A scale set in the cluster (ARC's AutoscalingRunnerSet).
package struct ScaleSet: ScannedObject, Equatable {
  package var metadata: ObjectMetadata
  /// The repository, organization or enterprise that it serves.
  package var githubURL: String
  /// The version of the chart that deployed it.
  package var version: String
  /// Whether it is registered with GitHub, that is, whether the controller has written its id.
  package var isRegistered: Bool
  /// `Pending`, `Running`, `Outdated`, or empty.
  package var phase: String
  /// The generation of its spec; 0 if missing.
  package var generation: Int
  /// The generation that `phase` refers to; nil up to ARC 0.14, which does not set it.
  package var observedGeneration: Int?
  /// The minimum number of runners, as deployed.
  package var minimum: Int
  /// The maximum number of runners, as deployed; nil for no limit.
  package var maximum: Int?
  /// The installation in deskrun's mark; nil without a mark.
  package var mark: String?
  /// The digest of the values files it was deployed with; nil without values files.
  package var valuesDigest: String?
  /// The labels besides its name, as deployed.
  package var labels: [String] = []
  /// The runner group, as deployed; nil for GitHub's default group.
  package var group: String?
  /// The image of the container `runner`, as deployed; nil if the pod template has none.
  package var image: String?
  /// The Helm release in its namespace that deployed it; nil if none there did.
  package var release: String?

  /// The identity of the deskrun configuration that marked it; nil without such a mark.
  package var ownerMark: String?
  /// What manages it, according to its labels and annotations.
  package var manager = ScaleSetManager.unknown

  /// The unique id: names are unique only within a namespace.
  package var id: String { ScaleSetID.text(metadata.name, in: metadata.namespace) }

  /// The name of its release, whose values may set another name for the scale set.
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

  /// The image of the container `runner` in a pod template.
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

  /// The part of its spec that the installation determines.
  package var settings: ScaleSetSettings {
    ScaleSetSettings(
      scaleSet: metadata.name, url: githubURL, minimum: minimum, maximum: maximum, group: group, labels: labels,
      image: image)
  }

  /// Whether it is stopped because GitHub rejects its runner version. A phase older than the latest change of the spec
  /// is ignored, because the change may fix it.
  package var isOutdated: Bool {
    OutdatedPhase.isCurrent(phase, generation: generation, observedGeneration: observedGeneration)
  }
}

/// Determines whether the phase `Outdated` means that a scale set is stopped.
package enum OutdatedPhase {
  /// Whether the phase is `Outdated` and refers to the latest generation of the spec. Up to ARC 0.14 that is unknown
  /// and assumed.
  package static func isCurrent(_ phase: String, generation: Int, observedGeneration: Int?) -> Bool {
    phase == "Outdated" && (observedGeneration.map { $0 >= generation } ?? true)
  }

  /// Whether a scale set that was just changed is permanently stopped: immediately if the phase is known to refer to
  /// the change, otherwise after a delay.
  ///
  /// - Parameters:
  ///   - lasted: the time since the phase was first seen after the change.
  ///   - patience: the required delay; about 10 s on a real cluster.
  package static func isSettled(
    _ phase: String, generation: Int, observedGeneration: Int?, lasted: Duration, patience: Duration
  ) -> Bool {
    guard phase == "Outdated" else { return false }
    if let observedGeneration, observedGeneration >= generation { return true }
    return lasted >= patience
  }
}

/// ARC's controller in the cluster.
package struct ControllerState: ScannedObject, Equatable {
  package var version: String
  /// Whether one of its pods is ready.
  package var isReady: Bool

  /// The name of its Deployment.
  package var name: String
  /// Its namespace, in which it also creates the listeners.
  package var namespace = ""
  /// The Helm release that deployed it; empty if unknown.
  package var release = ""

  /// Whether it has the namespace and release that deskrun uses.
  package var hasOwnPlace: Bool { namespace == ClusterTarget.namespace && release == ARCCharts.controllerRelease }

  /// A controller that moves to another namespace keeps its name, and may exist there before the old one is deleted.
  var key: ObjectKey { ObjectKey(name, namespace) }

  package init(version: String, isReady: Bool) { self.init(version: version, isReady: isReady, name: "") }

  package init(version: String, isReady: Bool, name: String) {
    self.version = version
    self.isReady = isReady
    self.name = name
  }

  /// Whether all properties are equal.
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
