import Testing

@testable import Basics
@testable import Tools

/// Displayed commands of kubectl and helm act on the cluster they are about, whatever kubectl's current context is.
@Suite struct CopiedCommandTests {
  private let prod = ClusterTarget.existing(context: "prod")
  private let file = ClusterTarget.existing(context: "lab a", kubeconfig: "/k/lab.yaml")

  @Test func `kubectl and helm are told the cluster`() {
    #expect(prod.command("kubectl label namespace ci a=b") == "kubectl --context prod label namespace ci a=b")
    #expect(file.command("kubectl get nodes") == "kubectl --context 'lab a' --kubeconfig /k/lab.yaml get nodes")
    #expect(prod.command("helm uninstall web -n ci") == "helm --kube-context prod uninstall web -n ci")
    #expect(file.command("helm list -A") == "helm --kube-context 'lab a' --kubeconfig /k/lab.yaml list -A")
  }

  @Test(arguments: [
    "kubectl config get-contexts", "kubectl get nodes --context other", "helm list --kube-context other",
    "helm template web chart", "helm registry logout ghcr.io", "docker ps", "kubectl", "",
  ]) func `what asks no cluster, or names one, stays as it is`(command: String) {
    #expect(prod.command(command) == command)
  }

  @Test func `contexts are those of the file`() {
    #expect(file.command("kubectl config get-contexts") == "kubectl --kubeconfig /k/lab.yaml config get-contexts")
    let complete = "kubectl --kubeconfig /k/lab.yaml config view"
    #expect(file.command(complete) == complete)
  }

  @Test func `texts are completed once, for the cluster they are about`() {
    for invocation in [Invocation().on(prod), Invocation().about(prod)] {
      let once = invocation.text("Uninstall one (`helm list -A`), or `kubectl uncordon NODE`; `deskrun why web` tells")
      #expect(once.contains("`helm --kube-context prod list -A`"))
      #expect(once.contains("`kubectl --context prod uncordon NODE`"))
      #expect(once.contains("`deskrun why web`"))
      #expect(invocation.text(once) == once)
    }
    // Options of this call select the cluster for deskrun, but not for kubectl.
    let given = Invocation(isDemo: false, context: "prod", kubeconfig: nil, environment: [:]).about(prod)
    #expect(given.command("deskrun up") == "deskrun --context prod up")
    #expect(given.command("kubectl get nodes") == "kubectl --context prod get nodes")
  }

  @Test func `a scale set that is not configured is added and adopted on the cluster it is about`() {
    let other = Invocation().on(prod)
    #expect(other.command("deskrun adopt gpu-ci") == "deskrun --context prod adopt gpu-ci")
    #expect(other.command("deskrun add NAME --repository URL") == "deskrun --context prod add NAME --repository URL")
    #expect(Invocation().about(prod).command("deskrun adopt gpu-ci") == "deskrun adopt gpu-ci")
  }
}
