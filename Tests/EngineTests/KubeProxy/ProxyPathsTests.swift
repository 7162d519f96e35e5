import Testing

@testable import KubeProxy

@Suite struct ProxyPathsTests {
  /// The paths that kubectl proxy accepts are regular expressions, the check before a request is code: both must agree.
  @Test(arguments: [
    ("/version", true), ("/readyz", true), ("/readyz/etcd", false), ("/metrics", false), ("/", false), ("", false),
    ("/api/v1/pods?labelSelector=x", true), ("/api/v1/namespaces/arc-systems/pods", true),
    ("/api/v1/namespaces/arc-systems/pods/r/log?follow=true", true), ("/api/v1/namespaces/a/events?watch=1", true),
    ("/api/v1/namespaces/a/secrets", false), ("/api/v1/secrets", false), ("/api/v1/namespaces/pods/secrets/x", false),
    ("/api/v1/namespaces", false), ("/api/v1/namespaces/", false), ("/api/v1/namespaces/ci", true),
    ("/api/v1/namespaces/ci/", false), ("/api/v1/namespaces/ci/resourcequotas", true),
    ("/api/v1/namespaces/ci/limitranges", true), ("/api/v1/namespaces/ci/persistentvolumeclaims", true),
    ("/api/v1/namespaces/ci/configmaps", false), ("/api/v1/podsecrets", false), ("/api/v2/pods", false),
    ("/apis/apps/v1/deployments?limit=1", true), ("/apis/appsx/v1/deployments", false), ("/apis/apps", false),
    ("/apis/actions.github.com/v1alpha1/namespaces/a/ephemeralrunners", true),
    ("/apis/actionsxgithub.com/v1alpha1/x", false), ("/apis/storage.k8s.io/v1/storageclasses", true),
    ("/apis/rbac.authorization.k8s.io/v1/roles", false),
  ]) func `paths are accepted by both or by neither`(_ path: String, _ isAccepted: Bool) throws {
    #expect(ProxyPaths.accepts(path) == isAccepted)
    let plain = String(path.prefix { $0 != "?" })
    let matches = try ProxyPaths.expressions.contains { try Regex($0).firstMatch(in: plain) != nil }
    #expect(matches == isAccepted)
  }
}
