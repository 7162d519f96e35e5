import Basics
import Testing

@testable import ValuesFiles

@Suite struct ChartKeysTests {
  private func has(_ path: String, _ version: String) -> Bool {
    var keys: ChartKeys? = ChartKeys.of(chartVersion: version)
    for key in path.split(separator: ".") {
      if case .open? = keys { return true }
      keys = keys?.children?[String(key)]
    }
    return keys != nil
  }

  /// Copied manually from the chart's templates and values.yaml, including keys in comments.
  private static let sample = [
    "githubConfigUrl", "githubConfigSecret.github_token", "githubConfigSecret.github_app_id",
    "githubConfigSecret.github_app_installation_id", "githubConfigSecret.github_app_private_key", "scaleSetLabels",
    "proxy.http.url", "proxy.https.credentialSecretRef", "proxy.noProxy", "maxRunners", "minRunners", "runnerGroup",
    "runnerScaleSetName", "githubServerTLS.certificateFrom.configMapKeyRef.name", "githubServerTLS.runnerMountPath",
    "keyVault.type", "keyVault.azureKeyVault.clientId", "keyVault.proxy.https.url", "containerMode.type",
    "containerMode.kubernetesModeWorkVolumeClaim.storageClassName", "containerMode.kubernetesModeAdditionalRoleRules",
    "listenerTemplate.spec.containers", "listenerMetrics.counters.gha_started_jobs_total",
    "template.metadata.annotations.anything", "template.spec.containers", "template.spec.serviceAccountName",
    "controllerServiceAccount.name", "controllerServiceAccount.namespace", "namespaceOverride", "nameOverride",
    "annotations.anything", "labels.anything", "resourceMeta.autoscalingRunnerSet.labels.anything",
    "resourceMeta.noPermissionServiceAccount.annotations", "resourceMeta.ephemeralRunnerConfigSecret.labels",
  ]

  @Test(arguments: sample, ["0.14.2", "0.15.0"]) func `a real key is known`(path: String, version: String) {
    #expect(has(path, version))
  }

  @Test func `keys that came later are not in earlier versions`() {
    #expect(has("listenerConfig.scaler.qps", "0.15.0"))
    #expect(has("listenerConfig.scaler.burst", "0.16.1"))
    #expect(!has("listenerConfig", "0.14.2"))
  }

  @Test(arguments: [
    "maxRunner", "runnerScaleSetLabels", "env", "template.specs", "containerMode.kind", "resourceMeta.role",
    "proxy.ftp",
  ])
  func `others are not`(path: String) { #expect(!has(path, "0.14.2")) }
}
