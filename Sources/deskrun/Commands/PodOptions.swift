import ArgumentParser
import CommandSession
import Engine

/// What is set of the runners' pods; `add`, `edit` and `adopt` share it.
struct PodOptions: ParsableArguments {
  @Option(
    name: .customLong("env"),
    help: ArgumentHelp("A variable of the runner. Can be repeated.", valueName: "name=value"))
  var environment: [String] = []

  @Option(
    name: .customLong("env-from"),
    help: ArgumentHelp(
      "A Secret whose keys are variables of the runner, or one key of it.",
      discussion: "The Secret must be in the namespace \(ClusterTarget.namespace). Can be repeated.",
      valueName: "secret[:key]"))
  var secretEnvironment: [String] = []

  @Option(
    help: ArgumentHelp(
      "CPUs of the runner, and of job pods: request and limit. For example 2, or 500m.", valueName: "cpus"))
  var cpus: String?

  @Option(
    help: ArgumentHelp("Memory of the runner, and of job pods: request and limit. For example 4Gi.", valueName: "size"))
  var memory: String?

  @Option(
    help: ArgumentHelp(
      "Size of the volume that runner and job pod share, in the mode kubernetes. Default: \(ScaleSetValues.standardWorkSize).",
      valueName: "size"))
  var workSize: String?

  @Option(help: ArgumentHelp("Storage class of that volume.", valueName: "name"))
  var storageClass: String?

  @Option(
    help: ArgumentHelp("The runner group of the organization or enterprise.", valueName: "name"))
  var runnerGroup: String?

  @Option(
    help: ArgumentHelp("The service account of the runners' pods, instead of the chart's.", valueName: "name"))
  var serviceAccount: String?

  @Option(
    help: ArgumentHelp("When the runner's image is pulled: Always, IfNotPresent or Never.", valueName: "policy"),
    completion: .list(PullPolicy.allCases.map(\.rawValue)))
  var pullPolicy: String?

  @Option(
    name: .customLong("pull-secret"),
    help: ArgumentHelp("A Secret with the credentials of a registry. Can be repeated.", valueName: "secret"))
  var pullSecrets: [String] = []

  @Option(
    name: .customLong("node-selector"),
    help: ArgumentHelp("A label that the nodes of runners must have. Can be repeated.", valueName: "key=value"))
  var nodeSelector: [String] = []

  @Option(
    name: .customLong("toleration"),
    help: ArgumentHelp(
      "A taint of nodes that runners accept. Can be repeated.", valueName: "key[=value][:effect]"))
  var tolerations: [String] = []

  @Option(help: ArgumentHelp("Image of the Docker daemon, in the mode dind.", valueName: "image"))
  var dindImage: String?

  @Option(
    name: .customLong("dind-arg"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "An argument of the Docker daemon, in the mode dind. Can be repeated.", valueName: "argument"))
  var dindArguments: [String] = []

  /// The values that were given for a setting; nil for one that was not named.
  private func given(_ setting: PodSetting) -> [String]? {
    func list(_ values: [String]) -> [String]? { values.isEmpty ? nil : values }
    switch setting {
    case .environment: return list(environment)
    case .secretEnvironment: return list(secretEnvironment)
    case .cpus: return cpus.map { [$0] }
    case .memory: return memory.map { [$0] }
    case .workSize: return workSize.map { [$0] }
    case .storageClass: return storageClass.map { [$0] }
    case .runnerGroup: return runnerGroup.map { [$0] }
    case .serviceAccount: return serviceAccount.map { [$0] }
    case .pullPolicy: return pullPolicy.map { [$0] }
    case .pullSecrets: return list(pullSecrets)
    case .nodeSelector: return list(nodeSelector)
    case .tolerations: return list(tolerations)
    case .dindImage: return dindImage.map { [$0] }
    case .dindArguments: return list(dindArguments)
    }
  }

  /// Whether one was named.
  var isGiven: Bool { PodSetting.allCases.contains { given($0) != nil } }

  /// The settings with those that are named changed.
  ///
  /// - Throws: `EngineError` of kind `invalid` for the first that is refused.
  func settings(over current: PodSettings, reset: [PodSetting] = []) throws(EngineError) -> PodSettings {
    var settings = current
    for setting in reset { settings.set(setting, from: PodSettings()) }
    for setting in PodSetting.allCases {
      if let texts = given(setting) { try settings.set(setting, texts) }
    }
    return settings
  }
}

extension PodSetting: ExpressibleByArgument {}
