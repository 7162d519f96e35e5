import Basics
import Kubernetes

/// The lists that observing a cluster is made of. Pods are chosen by their labels: a cluster may run thousands that are
/// none of ARC's business.
package enum ObservedKind: Sendable, CaseIterable {
  /// Pods of runners and of listeners, which ARC labels with their scale set.
  case pods
  /// Pods that the runner's container hooks create for jobs, which name the runner's pod and nothing else.
  case jobPods
  /// Pods of controllers.
  case controllerPods
  case runners, scaleSets, controllers

  /// The resource in plural.
  package var resource: String {
    switch self {
    case .pods, .jobPods, .controllerPods: "pods"
    case .runners: "ephemeralrunners"
    case .scaleSets: "autoscalingrunnersets"
    case .controllers: "deployments"
    }
  }

  private var group: String {
    switch self {
    case .pods, .jobPods, .controllerPods: "/api/v1"
    case .runners, .scaleSets: "/apis/actions.github.com/v1alpha1"
    case .controllers: "/apis/apps/v1"
    }
  }

  /// The path of the list.
  ///
  /// - Parameter namespace: nil for all.
  package func path(in namespace: String?) -> String {
    "\(group)/\(namespace.map { "namespaces/\(PercentEncoding.escaped($0))/" } ?? "")\(resource)"
  }

  /// What selects them among all of the resource; nil where all are meant.
  ///
  /// - Parameter only: the one namespace whose scale sets are wanted; nil for all.
  package func selector(only: String?) -> String? {
    let text: String? =
      switch self {
      // Listeners are in the controller's namespace, whichever their scale set is in.
      case .pods: only.map { "actions.github.com/scale-set-namespace=\($0)" } ?? "actions.github.com/scale-set-name"
      case .jobPods: "runner-pod"
      case .controllerPods, .controllers: "app.kubernetes.io/part-of=gha-rs-controller"
      case .runners, .scaleSets: nil
      }
    return text.map(PercentEncoding.escaped)
  }

  /// The namespace that alone is read of it; nil for all.
  ///
  /// - Parameter only: the one namespace that is wanted; nil for all.
  func place(only: String?) -> String? {
    switch self {
    case .jobPods, .runners, .scaleSets: only
    case .pods, .controllerPods, .controllers: nil
    }
  }
}
