import ARC
import Basics

/// Coding of pod settings in the configuration file, each under a separate key.
enum PodSettingsCoding {
  /// - Throws: `EngineError` that names the key.
  static func decode(_ entry: JSONValue, name: String) throws(EngineError) -> PodSettings {
    var settings = PodSettings()
    for setting in PodSetting.allCases {
      let texts: [String]
      switch entry[key(setting)] {
      case nil, .null?: continue
      case .string(let text)?: texts = text.isEmpty ? [] : [text]
      case .array(let items)?:
        texts = items.compactMap(\.stringValue)
        guard texts.count == items.count else {
          throw InstallationCoding.problem(name, "\(key(setting)) has an item that is not a string")
        }
      default: throw InstallationCoding.problem(name, "\(key(setting)) must be a string or a list of strings")
      }
      do throws(EngineError) {
        try settings.set(setting, texts)
      } catch {
        throw InstallationCoding.problem(name, "\(key(setting)): \(error.what)")
      }
    }
    return settings
  }

  static func encode(_ settings: PodSettings, into entry: inout JSONObject) {
    for row in settings.rows {
      let isList: Bool
      switch row.setting {
      case .environment, .secretEnvironment, .pullSecrets, .nodeSelector, .tolerations, .dindArguments, .proxy,
        .proxyExceptions, .cacheClaims:
        isList = true
      default: isList = false
      }
      entry[key(row.setting)] =
        row.values.isEmpty ? nil : isList ? .array(row.values.map(JSONValue.string)) : .string(row.values[0])
    }
  }

  static func key(_ setting: PodSetting) -> String {
    switch setting {
    case .environment: "Environment"
    case .secretEnvironment: "EnvironmentFrom"
    case .cpus: "CPUs"
    case .memory: "Memory"
    case .workSize: "WorkSize"
    case .storageClass: "StorageClass"
    case .runnerGroup: "RunnerGroup"
    case .serviceAccount: "ServiceAccount"
    case .pullPolicy: "PullPolicy"
    case .pullSecrets: "PullSecrets"
    case .nodeSelector: "NodeSelector"
    case .tolerations: "Tolerations"
    case .dindImage: "DindImage"
    case .dindArguments: "DindArgs"
    case .namespace: "Namespace"
    case .proxy: "Proxy"
    case .proxySecret: "ProxySecret"
    case .proxyExceptions: "NoProxy"
    case .certificates: "CACertificates"
    case .cacheClaims: "CacheClaims"
    }
  }
}
