import ARC
import Basics
import Installations

/// What one runner of an installation needs of a cluster, by the values that its release gets, values files included.
package struct RunnerNeed: Sendable, Equatable {
  /// A container of the runner's pod.
  package struct Container: Sendable, Equatable {
    package var name: String
    package var requests: [String: ResourceQuantity]
    package var limits: [String: ResourceQuantity]
    /// Whether it runs as long as the pod: an init container that does not end counts as well.
    package var isLasting: Bool
  }

  package var installation: Installation
  package var containers: [Container]
  package var nodeSelector: [String: String]
  package var tolerations: [JSONValue]
  /// The claim for the work volume, as Kubernetes gets it; nil in modes that have none.
  package var workClaim: JSONValue?
  /// What Pod Security admission refuses at the level `baseline`, in Kubernetes' words.
  package var baselineViolations: [String]
  /// What it refuses besides at the level `restricted`.
  package var restrictedViolations: [String]

  /// How many runners there may be at once.
  package var most: Int { installation.instances > 1 ? installation.instances : installation.runners.maximum }

  /// - Parameter values: those of one of its scale sets.
  package init(_ installation: Installation, values: JSONValue) {
    self.installation = installation
    let spec = values["template"]?["spec"]
    let pod = spec?["containers"]?.arrayValue ?? []
    let initial = spec?["initContainers"]?.arrayValue ?? []
    containers =
      pod.map { Self.container($0, isLasting: true) }
      + initial.map { Self.container($0, isLasting: $0["restartPolicy"] == "Always") }
    let mode = values["containerMode"]
    // The chart adds it, without any resources.
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

  /// What the pod requests or is limited to of a resource: the sum of what lasts, or the largest init container.
  ///
  /// - Parameter of: the amount of a container; nil counts as none.
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
    // Kubernetes takes the limit for the request where none is named.
    return Container(
      name: SafeText.line(object["name"]?.stringValue ?? ""),
      requests: amounts("requests").merging(limits) { own, _ in own },
      limits: limits, isLasting: isLasting)
  }
}
