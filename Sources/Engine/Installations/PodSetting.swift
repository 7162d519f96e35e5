import ARC
import Basics
import Tools

/// A setting for runner pods, with its option's name.
package enum PodSetting: String, Sendable, CaseIterable {
  case environment = "env"
  case secretEnvironment = "env-from"
  case cpus, memory
  case workSize = "work-size"
  case storageClass = "storage-class"
  case runnerGroup = "runner-group"
  case serviceAccount = "service-account"
  case pullPolicy = "pull-policy"
  case pullSecrets = "pull-secret"
  case nodeSelector = "node-selector"
  case tolerations = "toleration"
  case dindImage = "dind-image"
  case dindArguments = "dind-arg"
  case namespace
  case proxy
  case proxySecret = "proxy-secret"
  case proxyExceptions = "no-proxy"
  case certificates = "ca"
  case cacheClaims = "cache-claim"

  /// The label in lists.
  package var title: String {
    switch self {
    case .environment: "environment"
    case .secretEnvironment: "environment from Secrets"
    case .cpus: "CPUs"
    case .memory: "memory"
    case .workSize: "work volume"
    case .storageClass: "storage class"
    case .runnerGroup: "runner group"
    case .serviceAccount: "service account"
    case .pullPolicy: "pull policy"
    case .pullSecrets: "pull secrets"
    case .nodeSelector: "node selector"
    case .tolerations: "tolerations"
    case .dindImage: "Docker image"
    case .dindArguments: "Docker arguments"
    case .namespace: "namespace"
    case .proxy: "proxy"
    case .proxySecret: "proxy credentials"
    case .proxyExceptions: "without proxy"
    case .certificates: "CA certificates"
    case .cacheClaims: "cache claims"
    }
  }
}

extension PodSettings {
  /// A setting's values for display and for the command line.
  package struct Row: Sendable, Equatable {
    package var setting: PodSetting
    /// One value per occurrence of the option; empty if not set.
    package var values: [String]

    package var title: String { setting.title }
    package var text: String { values.isEmpty ? "none" : values.joined(separator: ", ") }
    /// The options that set it.
    var options: [String] {
      values.isEmpty ? ["--reset", setting.rawValue] : values.flatMap { ["--\(setting.rawValue)", $0] }
    }
  }

  /// All settings in the order of their options, including those that are not set.
  package var rows: [Row] { PodSetting.allCases.map(row) }

  package func row(_ setting: PodSetting) -> Row { Row(setting: setting, values: values(setting)) }

  private func values(_ setting: PodSetting) -> [String] {
    func one(_ text: String?) -> [String] { text.map { [$0] } ?? [] }
    switch setting {
    case .environment:
      return environment.compactMap { variable in
        if case .value(let value) = variable.source { "\(variable.name)=\(value)" } else { nil }
      }
    case .secretEnvironment:
      return environment.compactMap { variable in
        if case .secret(let secret, let key) = variable.source { "\(secret):\(key)" } else { nil }
      } + secretEnvironments
    case .cpus: return one(cpus)
    case .memory: return one(memory)
    case .workSize: return one(workSize)
    case .storageClass: return one(storageClass)
    case .runnerGroup: return one(runnerGroup)
    case .serviceAccount: return one(serviceAccount)
    case .pullPolicy: return one(pullPolicy?.rawValue)
    case .pullSecrets: return pullSecrets
    case .nodeSelector: return nodeSelector.map { "\($0.key)=\($0.value)" }
    case .tolerations: return tolerations.map(\.text)
    case .dindImage: return one(dindImage)
    case .dindArguments: return dindArguments
    case .namespace: return one(namespace)
    case .proxy:
      if proxy.http == proxy.https { return one(proxy.https) }
      return one(proxy.http.map { "http=\($0)" }) + one(proxy.https.map { "https=\($0)" })
    case .proxySecret: return one(proxy.secret)
    case .proxyExceptions: return proxy.exceptions
    case .certificates: return one(certificates)
    case .cacheClaims: return cacheClaims.map(\.text)
    }
  }

  /// Copies a setting from other settings.
  package mutating func set(_ setting: PodSetting, from other: PodSettings) {
    switch setting {
    case .environment: replaceVariables(other, areSecrets: false)
    case .secretEnvironment:
      replaceVariables(other, areSecrets: true)
      secretEnvironments = other.secretEnvironments
    case .cpus: cpus = other.cpus
    case .memory: memory = other.memory
    case .workSize: workSize = other.workSize
    case .storageClass: storageClass = other.storageClass
    case .runnerGroup: runnerGroup = other.runnerGroup
    case .serviceAccount: serviceAccount = other.serviceAccount
    case .pullPolicy: pullPolicy = other.pullPolicy
    case .pullSecrets: pullSecrets = other.pullSecrets
    case .nodeSelector: nodeSelector = other.nodeSelector
    case .tolerations: tolerations = other.tolerations
    case .dindImage: dindImage = other.dindImage
    case .dindArguments: dindArguments = other.dindArguments
    case .namespace: namespace = other.namespace
    case .proxy: (proxy.http, proxy.https) = (other.proxy.http, other.proxy.https)
    case .proxySecret: proxy.secret = other.proxy.secret
    case .proxyExceptions: proxy.exceptions = other.proxy.exceptions
    case .certificates: certificates = other.certificates
    case .cacheClaims: cacheClaims = other.cacheClaims
    }
  }

  /// Variables with values precede those from Secrets, so that equivalent settings are equal.
  private mutating func replaceVariables(_ other: PodSettings, areSecrets: Bool) {
    func isSecret(_ variable: EnvironmentVariable) -> Bool { if case .secret = variable.source { true } else { false } }
    let (plain, secret) = (areSecrets ? self : other, areSecrets ? other : self)
    environment = plain.environment.filter { !isSecret($0) } + secret.environment.filter(isSecret)
  }
}
