import ARC
import Basics
import Installations

/// What a runner of an installation requires from a cluster, according to its release's values, including values files.
package struct RunnerNeed: Sendable, Equatable {
  /// A container of the runner's pod.
  package struct Container: Sendable, Equatable {
    package var name: String
    package var requests: [String: ResourceQuantity]
    package var limits: [String: ResourceQuantity]
    /// Whether it runs as long as the pod. This includes init containers that do not exit (sidecars).
    package var isLasting: Bool
  }

  package var installation: Installation
  package var containers: [Container]
  package var nodeSelector: [String: String]
  package var tolerations: [JSONValue]
  /// The claim for the work volume, as submitted to Kubernetes; nil in modes without one.
  package var workClaim: JSONValue?
  /// Violations of the Pod Security level `baseline`, in Kubernetes' words.
  package var baselineViolations: [String]
  /// Additional violations of the level `restricted`.
  package var restrictedViolations: [String]

  /// The maximum number of concurrent runners.
  package var most: Int { installation.instances > 1 ? installation.instances : installation.runners.maximum }

  /// - Parameter values: the values of one of its scale sets.
  package init(_ installation: Installation, values: JSONValue) {
    self.installation = installation
    let spec = values["template"]?["spec"]
    let pod = spec?["containers"]?.arrayValue ?? []
    let initial = spec?["initContainers"]?.arrayValue ?? []
    containers =
      pod.map { Self.container($0, isLasting: true) }
      + initial.map { Self.container($0, isLasting: $0["restartPolicy"] == "Always") }
    let mode = values["containerMode"]
    // The chart adds this container, without resources.
    let hasChartsDaemon = mode?["type"] == "dind"
    if hasChartsDaemon { containers.append(Container(name: "dind", requests: [:], limits: [:], isLasting: true)) }
    nodeSelector = Dictionary(
      (spec?["nodeSelector"]?.objectValue?.members ?? []).compactMap { member in
        member.value.stringValue.map { (member.key, $0) }
      }, uniquingKeysWith: { $1 })
    tolerations = spec?["tolerations"]?.arrayValue ?? []
    let work = spec?["volumes"]?.arrayValue?.first { $0["name"] == "work" }
    workClaim =
      work?["ephemeral"]?["volumeClaimTemplate"]?["spec"]
      ?? (mode?["type"] == "kubernetes" && work == nil ? mode?["kubernetesModeWorkVolumeClaim"] : nil)
    baselineViolations = PodSecurityLevel.baseline(spec, pod + initial, hasChartsDaemon: hasChartsDaemon)
    restrictedViolations = PodSecurityLevel.restricted(spec, pod + initial)
  }

  /// The pod's total request or limit of a resource: the sum of lasting containers, or the largest init container.
  ///
  /// - Parameter of: the amount of a container; nil is zero.
  func total(_ of: (Container) -> ResourceQuantity?) -> ResourceQuantity {
    let lasting = containers.filter(\.isLasting).compactMap(of).reduce(.none, +)
    return containers.filter { !$0.isLasting }.compactMap(of).reduce(lasting) { $0.isLess(than: $1) ? $1 : $0 }
  }

  private static func container(_ object: JSONValue, isLasting: Bool) -> Container {
    func amounts(_ key: String) -> [String: ResourceQuantity] {
      Dictionary(
        (object["resources"]?[key]?.objectValue?.members ?? []).compactMap { member in
          ResourceQuantity(member.value).map { (member.key, $0) }
        }, uniquingKeysWith: { $1 })
    }
    let limits = amounts("limits")
    // Kubernetes uses the limit as the default request.
    return Container(
      name: SafeText.line(object["name"]?.stringValue ?? ""),
      requests: amounts("requests").merging(limits) { own, _ in own },
      limits: limits, isLasting: isLasting)
  }
}
