import ArgumentParser
import CommandSession
import Engine

/// The options for runner pods of `add`, `edit` and `adopt`.
struct PodOptions: ParsableArguments {
  @Option(
    name: .customLong("env"),
    help: ArgumentHelp("A variable of the runner. Can be repeated.", valueName: "name=value"))
  var environment: [String] = []

  @Option(
    name: .customLong("env-from"),
    help: ArgumentHelp(
      "A Secret whose keys are variables of the runner, or one key of it.",
      discussion: "The Secret must be in the runners' namespace. Can be repeated.",
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

  @Option(
    help: ArgumentHelp(
      "The namespace of the runners, created where it does not exist. Default: \(ClusterTarget.namespace).",
      valueName: "name"))
  var namespace: String?

  @Option(
    name: .customLong("proxy"),
    help: ArgumentHelp(
      "The proxy through which listener and runners reach GitHub: URL, or http=URL and https=URL.",
      discussion: "Without a user or a password: see --proxy-secret.", valueName: "url"))
  var proxies: [String] = []

  @Option(
    help: ArgumentHelp(
      "A Secret with the keys username and password of the proxy, in the runners' namespace.", valueName: "secret"))
  var proxySecret: String?

  @Option(
    name: .customLong("no-proxy"),
    help: ArgumentHelp("A host or domain that is reached without the proxy. Can be repeated.", valueName: "host"))
  var proxyExceptions: [String] = []

  @Option(
    name: .customLong("ca"),
    help: ArgumentHelp(
      "A file with the CA certificates (PEM) of a GitHub Enterprise Server, or of a proxy that decrypts.",
      valueName: "file"), completion: .file())
  var certificates: String?

  @Option(
    name: .customLong("cache-claim"),
    help: ArgumentHelp(
      "A PersistentVolumeClaim that exists, as a cache of jobs: NAME:TARGET. Can be repeated.",
      valueName: "name:target"))
  var cacheClaims: [String] = []

  /// The given values of a setting; nil if its option was not given.
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
    case .namespace: return namespace.map { [$0] }
    case .proxy: return list(proxies)
    case .proxySecret: return proxySecret.map { [$0] }
    case .proxyExceptions: return list(Self.split(proxyExceptions))
    case .certificates:
      return certificates.map { [$0.hasPrefix("/") || $0.isEmpty ? $0 : "\(Session.currentFolder())/\($0)"] }
    case .cacheClaims: return list(Self.split(cacheClaims))
    }
  }

  /// Splits lists that are comma-separated elsewhere too, like the variable NO_PROXY. A value without items becomes an
  /// empty item, so that it is rejected.
  private static func split(_ values: [String]) -> [String] {
    values.flatMap { value in
      let items = value.split(separator: ",").map(String.init)
      return items.isEmpty ? [""] : items
    }
  }

  /// Whether any of the options was given.
  var isGiven: Bool { PodSetting.allCases.contains { given($0) != nil } }

  /// The settings with the given options applied.
  ///
  /// - Throws: `EngineError` of kind `invalid` for the first invalid one.
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
