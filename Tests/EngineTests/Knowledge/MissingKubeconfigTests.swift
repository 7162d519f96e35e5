import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Tools

/// A kubeconfig that does not exist: one cause, one fix, and the file is named.
@Suite struct MissingKubeconfigTests {
  private func circumstances(_ target: ClusterTarget, fix: String) throws -> Circumstances {
    var known = Circumstances(now: 0)
    known.configuration.use(context: target.context, kubeconfig: target.kubeconfig)
    known.context = target.context
    known.cluster = .contextMissing(Toolbox.noKubeconfig(target.kubeconfig ?? "/k.yaml", fix: fix))
    return known
  }

  private func install(_ name: String, in known: inout Circumstances) throws {
    var installation = try Installation(
      name: InstallationName(name), target: GitHubTarget("https://github.com/acme/web"), mode: .dind,
      runners: RunnerCounts(minimum: 0, maximum: 2), authentication: .token(.gh(host: "github.com")))
    installation.place = known.configuration.place(on: known.configuration.target)
    known.configuration.set(installation)
  }

  @Test func `what variables name is corrected there`() throws {
    let target = ClusterTarget.existing(context: "prod")
    var known = try circumstances(target, fix: "Correct the path in KUBECONFIG")
    #expect(Diagnosis.cluster(known).map(\.remedy) == ["Correct the path in KUBECONFIG"])
    try install("web", in: &known)
    let finding = try #require(Diagnosis.cluster(known).first)
    #expect(finding.installation == "web" && finding.remedy == "Correct the path in KUBECONFIG")
    #expect(finding.title.contains("/k.yaml"))
  }

  @Test func `the file of an installation is put back, or another one is bound`() throws {
    let target = ClusterTarget.existing(context: "prod", kubeconfig: "/own.yaml")
    var known = try circumstances(target, fix: "Put the file back")
    #expect(Diagnosis.cluster(known).map(\.remedy) == ["Put the file back"])
    try install("web", in: &known)
    let finding = try #require(Diagnosis.cluster(known).first)
    #expect(finding.remedy.hasPrefix("Put the file back. If another kubeconfig has a context of its cluster: "))
    #expect(!finding.remedy.contains("get-contexts"))
    // Where another context in use leads to its cluster, binding it there is the fix.
    known.kept = [try InstallationName("web"): .existing(context: "second")]
    let kept = try #require(Diagnosis.cluster(known).first)
    #expect(kept.action == .bind(.existing(context: "second")) && !kept.remedy.contains("Put the file back"))
  }

  @Test func `the reason names the file, whatever the program says`() {
    let error = Toolbox.noKubeconfig("/own.yaml", why: "no such file or directory")
    #expect(ClusterState.contextMissing(error).reason == "The kubeconfig /own.yaml does not exist")
  }
}
