import Basics

/// A Helm release.
package struct HelmRelease: Sendable, Equatable {
  package var name: String
  /// `deployed`, `failed`, `pending-install`, `pending-upgrade`, `pending-rollback`, `uninstalling`, …
  package var status: String
  /// The chart's name and version: `gha-runner-scale-set-0.14.2`.
  package var chart: String

  package init(name: String, status: String, chart: String) {
    self.name = name
    self.status = status
    self.chart = chart
  }

  /// The chart's version: what follows the last `-` before a digit.
  package var chartVersion: String {
    let parts = chart.split(separator: "-", omittingEmptySubsequences: false)
    guard let at = parts.lastIndex(where: { $0.first?.isNumber == true && $0.contains(".") }) else { return "" }
    return parts[at...].joined(separator: "-")
  }

  /// Whether it is ARC's scale set chart.
  package var isScaleSet: Bool { chartName == "gha-runner-scale-set" }
  /// Whether it is ARC's controller chart.
  package var isController: Bool { chartName == "gha-runner-scale-set-controller" }

  private var chartName: Substring { chart.dropLast(chartVersion.count + 1) }
}

/// The Kubernetes package manager, versions 3.8 to 4. Its output is only parsed where it is JSON; otherwise the exit
/// status decides.
package struct Helm: Sendable {
  package let program: Program
  package let target: ClusterTarget

  private func located(_ arguments: [String]) -> [String] {
    var all = arguments + ["--kube-context", target.context]
    if let kubeconfig = target.kubeconfig { all += ["--kubeconfig", kubeconfig] }
    return all
  }

  /// Helm's own version.
  package func version() async throws -> ToolVersion {
    let result = try await program.run(["version", "--short"], timeout: .seconds(20))
    return ToolVersion(text: result.outputText)
  }

  /// The releases in a namespace, except superseded and uninstalled ones. The flags have the same meaning in Helm 3 and
  /// 4; `--all` does not exist in 4.
  package func releases(namespace: String) async throws -> [HelmRelease] {
    try await list(namespace: namespace, filter: nil)
  }

  /// A release, or nil if it does not exist.
  package func status(release: String, namespace: String) async throws -> HelmRelease? {
    try await list(namespace: namespace, filter: "^\(release)$").first { $0.name == release }
  }

  private func list(namespace: String, filter: String?) async throws -> [HelmRelease] {
    var arguments = [
      "list", "-n", namespace, "--deployed", "--failed", "--pending", "--uninstalling", "--max", "0", "-o", "json",
    ]
    if let filter { arguments += ["--filter", filter] }
    let answer = try await program.json(located(arguments), timeout: .seconds(60))
    return (answer.arrayValue ?? []).map { release in
      HelmRelease(
        name: release["name"]?.stringValue ?? "", status: release["status"]?.stringValue ?? "",
        chart: release["chart"]?.stringValue ?? "")
    }
  }

  /// The user-supplied values of a release.
  package func values(release: String, namespace: String) async throws -> JSONValue {
    try await program.json(located(["get", "values", release, "-n", namespace, "-o", "json"]), timeout: .seconds(60))
  }

  /// Installs or upgrades a release. The values are passed on standard input.
  package func upgradeInstall(
    release: String, chart: String, version: String, namespace: String, values: JSONValue, wait: Bool,
    timeout: Duration
  ) async throws {
    var arguments = [
      "upgrade", "--install", release, chart, "--version", version, "-n", namespace, "--create-namespace", "-f", "-",
    ]
    if wait { arguments.append("--wait") }
    arguments += ["--timeout", "\(timeout.components.seconds)s", "-o", "json"]
    _ = try await program.run(
      located(arguments), input: Array(values.encoded().utf8), timeout: timeout + .seconds(30))
  }

  /// The custom resource definitions that a chart installs if missing, as YAML documents.
  package func definitions(chart: String, version: String) async throws -> [UInt8] {
    try await program.run(["show", "crds", chart, "--version", version], timeout: .seconds(120)).output
  }

  /// Checks that a version of a chart is available.
  package func fetch(chart: String, version: String) async throws {
    _ = try await program.run(["show", "chart", chart, "--version", version], timeout: .seconds(120))
  }

  /// Renders a release without a cluster, to check whether the chart accepts the values, passed on standard input.
  ///
  /// - Parameter settings: values that override all others, as `key=value`.
  package func render(
    release: String, chart: String, version: String, namespace: String, values: JSONValue, settings: [String]
  ) async throws {
    var arguments = ["template", release, chart, "--version", version, "-n", namespace, "-f", "-"]
    for setting in settings { arguments += ["--set", setting] }
    _ = try await program.run(arguments, input: Array(values.encoded().utf8), timeout: .seconds(120))
  }

  /// Rolls back the last upgrade of a release.
  package func rollback(release: String, namespace: String) async throws {
    _ = try await program.run(
      located(["rollback", release, "-n", namespace]), timeout: .seconds(120), tellsLines: true)
  }

  /// Uninstalls a release; a missing one is not an error.
  package func uninstall(release: String, namespace: String) async throws {
    let arguments = located(["uninstall", release, "-n", namespace])
    let result = try await program.attempt(arguments, timeout: .seconds(120), tellsLines: true)
    guard !result.exit.isSuccess else { return }
    let failure = program.failure(arguments, result)
    if failure.kind != .notFound { throw failure }
  }
}
