import ARC
import Basics
import Installations
import ValuesFiles

/// What has to be read before configuration and cluster can be compared.
package struct DesiredRequest: Sendable, Equatable {
  /// Which request it is: an answer to an earlier one is out of date.
  package var number: Int
  package var configuration: Configuration
  /// The version of the controller, whose chart gets the values.
  package var arc: ARCRelease
}

/// What the scale sets of an installation are to be, as far as the configuration alone does not say it.
package struct DesiredState: Sendable, Equatable {
  /// The runner's image: a values file may name it.
  package var image: String
  /// The digest of the values files; nil for an installation without any.
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
  /// By installation.
  package var states: [String: DesiredState] = [:]
  /// Installations that a deskrun, this one or another, changes at this moment.
  package var inWork: Set<String> = []

  package init(number: Int) { self.number = number }

  /// Reads the values files, and who works on what.
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
      // Neither the identity nor the folder of the caches changes what is compared.
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
