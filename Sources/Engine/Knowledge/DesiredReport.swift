import ARC
import Basics
import Installations
import ValuesFiles

/// What has to be read to compare configuration and cluster.
package struct DesiredRequest: Sendable, Equatable {
  /// The number of the request: a response to an earlier one is out of date.
  package var number: Int
  package var configuration: Configuration
  /// The version of the controller, and so of the chart.
  package var arc: ARCRelease
}

/// The desired state of an installation's scale sets, as far as it is not in the configuration.
package struct DesiredState: Sendable, Equatable {
  /// The runner's image, which a values file may set.
  package var image: String
  /// The digest of the values files; nil for an installation without them.
  package var valuesDigest: String?
  /// Why the values files cannot be used.
  package var problem: EngineError?

  package init(image: String, valuesDigest: String? = nil, problem: EngineError? = nil) {
    (self.image, self.valuesDigest, self.problem) = (image, valuesDigest, problem)
  }
}

/// What was read to compare configuration and cluster.
package struct DesiredReport: Sendable, Equatable {
  package var number: Int
  /// The states by installation.
  package var states: [String: DesiredState] = [:]
  /// Installations that this or another deskrun is currently changing.
  package var inWork: Set<String> = []

  package init(number: Int) { self.number = number }

  /// Reads the values files and the locks of operations.
  package init(_ request: DesiredRequest, paths: Paths) {
    self.init(number: request.number)
    let locks = OperationLock(directory: paths.operations)
    let isAllInWork = locks.isHeld("everything")
    for installation in request.configuration.installations {
      let name = installation.name.description
      if isAllInWork || locks.isHeld("installation.\(name)") { inWork.insert(name) }
      states[name] = Self.state(installation, request.arc, paths)
    }
  }

  private static func state(_ installation: Installation, _ arc: ARCRelease, _ paths: Paths) -> DesiredState {
    let image = installation.image ?? ARCCharts.defaultRunnerImage
    guard !installation.valuesFiles.isEmpty else { return DesiredState(image: image) }
    do throws(EngineError) {
      // The identity and the folder of caches do not affect the comparison.
      let merged = try DesiredValues.list(
        installation, isKind: false, cacheRoot: paths.caches, owner: "", arc: arc
      ).first?.merged
      let runner = merged?.value[["template", "spec", "containers"]]?.item(named: "runner")
      return DesiredState(
        image: runner?["image"]?.json.stringValue ?? image,
        valuesDigest: merged?.json["labels"]?[OwnershipMark.values]?.stringValue)
    } catch {
      return DesiredState(image: image, problem: error)
    }
  }
}
