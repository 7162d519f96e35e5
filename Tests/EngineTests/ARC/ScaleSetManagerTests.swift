import ARCTestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// The tool that deploys a scale set, according to its labels and annotations.
@Suite struct ScaleSetManagerTests {
  private func manager(labels: [String: String] = [:], annotations: [String: String] = [:]) throws -> ScaleSetManager {
    let object = NamespacedCluster.scaleSet("ci", in: "team-a", labels: labels, annotations: annotations)
    let set = ScaleSet(object)
    // The result is the same from a stream and from a document.
    #expect(ManagerMarks(object).manager(in: "team-a") == set.manager)
    return set.manager
  }

  private let helm = ["meta.helm.sh/release-name": "ci", "meta.helm.sh/release-namespace": "team-a"]

  @Test func `a Helm release`() throws {
    #expect(try manager(annotations: helm) == .helm(release: "ci", namespace: "team-a"))
  }

  @Test func `an application of Argo CD, in either way of tracking`() throws {
    let id = "platform_runners:actions.github.com/AutoscalingRunnerSet:team-a/ci"
    #expect(
      try manager(annotations: ["argocd.argoproj.io/tracking-id": id]) == .argoCD(application: "platform_runners"))
    #expect(try manager(labels: ["argocd.argoproj.io/instance": "runners"]) == .argoCD(application: "runners"))
    // Charts set this label themselves.
    #expect(try manager(labels: ["app.kubernetes.io/instance": "ci"]) == .unknown)
  }

  @Test func `Flux comes before the Helm release that it deploys`() throws {
    let release = ["helm.toolkit.fluxcd.io/name": "ci", "helm.toolkit.fluxcd.io/namespace": "flux-system"]
    #expect(
      try manager(labels: release, annotations: helm) == .flux(kind: .helmRelease, name: "ci", namespace: "flux-system")
    )
    let kustomization = ["kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux"]
    #expect(try manager(labels: kustomization) == .flux(kind: .kustomization, name: "apps", namespace: "flux"))
    #expect(try manager(labels: release).isGitOps)
  }

  @Test func `another deskrun`() throws {
    let marks = ["deskrun/installation": "ci", "deskrun/owner": "0123456789abcdef"]
    #expect(try manager(labels: marks, annotations: helm) == .deskrun(identity: "0123456789abcdef"))
  }

  @Test func `what a cluster says is safe to show`() throws {
    let words = try manager(labels: ["argocd.argoproj.io/instance": "a\u{1B}[31mb"]).words
    #expect(!words.contains("\u{1B}"))
  }

  @Test func `a name stands for a namespace too where it is not deskrun's own`() {
    #expect(ScaleSetID.text("web", in: ClusterTarget.namespace) == "web")
    #expect(ScaleSetID.text("web", in: "") == "web")
    #expect(ScaleSetID.text("web", in: "team-a") == "team-a/web")
    #expect(ScaleSetID.name("team-a/web") == "web" && ScaleSetID.namespace("team-a/web") == "team-a")
    #expect(ScaleSetID.name("web") == "web" && ScaleSetID.namespace("web") == ClusterTarget.namespace)
  }
}
