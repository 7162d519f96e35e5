import CommandOutput
import Engine

/// The output of `deskrun list`.
enum ListReport {
  /// Prints the configuration, with a warning about entries that cannot be used.
  ///
  /// - Parameter target: the cluster whose installations are listed; nil for all.
  static func write(
    _ store: ConfigurationStore, on target: ClusterTarget? = nil, _ form: OutputForm, to console: Console
  ) throws {
    var configuration = try store.load()
    if let target { configuration = configuration.on(target) }
    // Each is listed with the context that it is configured on.
    configuration.standIns = []
    for entry in configuration.unreadable {
      console.tell(
        ErrorReport.warning("\(entry.name): \(entry.problem.why ?? entry.problem.what)", style: console.errorStyle))
    }
    try listing(configuration).write(form, to: console)
  }

  /// The installations by name. Its JSON is documented in docs/output.md.
  static func listing(_ configuration: Configuration) -> Listing {
    let sorted = configuration.installations
    let contexts = sorted.map { configuration.target(of: $0).context }
    // No column is needed if all are on the kind cluster.
    let own = configuration.target(at: nil).context
    let hasContexts = contexts.contains { $0 != own }
    var table = Table([
      .init("NAME", minimum: 20), .init("CONTEXT", onlyWide: !hasContexts, minimum: 12), .init("MODE", minimum: 10),
      .init("NAMESPACE", onlyWide: true), .init("TARGET", minimum: 12), .init("MIN", .trailing),
      .init("MAX", .trailing),
      .init("INSTANCES", .trailing, onlyWide: true), .init("CREDENTIALS", onlyWide: true),
      .init("CACHES", onlyWide: true), .init("IMAGE", onlyWide: true), .init("LABELS", onlyWide: true),
    ])
    let clusters = configuration.targets + [configuration.target(at: nil)]
    for installation in sorted {
      let cluster = configuration.target(of: installation).label(among: clusters)
      table.add([
        .init(installation.name.description, .strong), .init(cluster), .init(installation.mode.rawValue),
        .init(installation.namespace), .init(hosted(installation.target)), .init(String(installation.runners.minimum)),
        .init(String(installation.runners.maximum)), .init(String(installation.instances)),
        .init(credentials(installation.authentication)), .init(list(installation.caches.map(\.target))),
        .init(installation.image ?? "-"), .init(list(installation.labels)),
      ])
    }
    return Listing(
      table: table,
      document: ["installations": .array(sorted.map { document($0, on: configuration.target(of: $0)) })],
      names: sorted.map(\.name.description),
      whenEmpty: "No installations found. `deskrun add NAME --repository URL` adds one.")
  }

  /// An installation. It contains the source of a secret, but never the secret.
  static func document(_ installation: Installation, on target: ClusterTarget) -> JSONValue {
    [
      "name": .string(installation.name.description),
      "context": .string(target.context),
      "kubeconfig": optional(target.kubeconfig.map { SafeText.line($0) }),
      "githubUrl": .string(installation.target.url),
      "mode": .string(installation.mode.rawValue),
      "minRunners": .int(installation.runners.minimum),
      "maxRunners": .int(installation.runners.maximum),
      "instances": .int(installation.instances),
      "caches": .array(
        installation.caches.map { ["target": .string($0.target), "source": optional($0.source)] }),
      "mounts": .array(
        installation.mounts.map {
          ["source": .string($0.source), "target": .string($0.target), "type": .string($0.kind.rawValue)]
        }),
      "image": optional(installation.image),
      "labels": .array(installation.labels.map(JSONValue.string)),
      "authentication": authentication(installation.authentication),
      "valuesFiles": .array(installation.valuesFiles.map(JSONValue.string)),
      "importedValues": optional(installation.importedValues),
      "namespace": .string(installation.namespace), "pod": pod(installation.settings),
    ]
  }

  /// The pod settings by the names of their options; a list if the option can be repeated.
  private static func pod(_ settings: PodSettings) -> JSONValue {
    func list(_ setting: PodSetting) -> JSONValue { .array(settings.row(setting).values.map(JSONValue.string)) }
    func one(_ setting: PodSetting) -> JSONValue { optional(settings.row(setting).values.first) }
    return [
      "env": list(.environment), "envFrom": list(.secretEnvironment), "cpus": one(.cpus), "memory": one(.memory),
      "workSize": one(.workSize), "storageClass": one(.storageClass), "runnerGroup": one(.runnerGroup),
      "serviceAccount": one(.serviceAccount), "pullPolicy": one(.pullPolicy), "pullSecrets": list(.pullSecrets),
      "nodeSelector": list(.nodeSelector), "tolerations": list(.tolerations), "dindImage": one(.dindImage),
      "dindArgs": list(.dindArguments), "proxy": list(.proxy), "proxySecret": one(.proxySecret),
      "noProxy": list(.proxyExceptions), "ca": one(.certificates), "cacheClaims": list(.cacheClaims),
    ]
  }

  private static func authentication(_ authentication: Authentication) -> JSONValue {
    let source = origin(authentication.source)
    switch authentication {
    case .token:
      return ["type": "pat", "source": .string(source.kind), "reference": optional(source.reference)]
    case .app(let id, let installationID, _):
      return [
        "type": "github-app", "appId": optional(id), "appInstallationId": optional(installationID),
        "source": .string(source.kind), "reference": optional(source.reference),
      ]
    }
  }

  private static func origin(_ source: SecretSource) -> (kind: String, reference: String?) {
    switch source {
    case .literal: ("literal", nil)
    case .environment(let name): ("environment", name)
    case .file(let path): ("file", path)
    case .gh(let host): ("gh", host)
    }
  }

  private static func credentials(_ authentication: Authentication) -> String {
    let kind = if case .app = authentication { "github-app" } else { "pat" }
    let origin = origin(authentication.source)
    return origin.kind == "literal" ? kind : kind + ", " + origin.kind + (origin.reference.map { " " + $0 } ?? "")
  }

  private static func hosted(_ target: GitHubTarget) -> String {
    target.host == "github.com" ? target.path : target.host + "/" + target.path
  }

  private static func list(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: ",") }
  private static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}

extension ListReport {
  /// The output options of a simple `list` command; nil if the parser is needed. Scripts call `list` in loops, and the
  /// parser would take most of its time.
  static func quickForm(_ arguments: [String]) -> OutputForm? {
    guard let command = arguments.first, command == "list" || command == "ls" else { return nil }
    var form = OutputForm()
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      switch argument {
      case "--no-headers": form.headers = false
      case "-o", "--output":
        guard let format = rest.popFirst().flatMap(OutputFormat.init(rawValue:)) else { return nil }
        form.format = format
      default: return nil
      }
    }
    return form
  }
}
