import Basics
import Kubernetes

/// The lists that deskrun observes. Pods are selected by labels: a cluster may run thousands of pods unrelated to ARC.
package enum ObservedKind: Sendable, CaseIterable {
  /// Pods of runners and listeners, which ARC labels with their scale set.
  case pods
  /// Pods that the runner's container hooks create for jobs. Their only relevant label names the runner's pod.
  case jobPods
  /// Pods of controllers.
  case controllerPods
  case runners, scaleSets, controllers

  /// The resource's plural name.
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

  /// The label selector for the list; nil for all objects of the resource.
  ///
  /// - Parameter only: the only namespace whose scale sets are requested; nil for all.
  package func selector(only: String?) -> String? {
    let text: String? =
      switch self {
      // Listeners are in the controller's namespace, whatever namespace their scale set is in.
      case .pods: only.map { "actions.github.com/scale-set-namespace=\($0)" } ?? "actions.github.com/scale-set-name"
      case .jobPods: "runner-pod"
      case .controllerPods, .controllers: "app.kubernetes.io/part-of=gha-rs-controller"
      case .runners, .scaleSets: nil
      }
    return text.map(PercentEncoding.escaped)
  }

  /// The only namespace to read; nil for all.
  ///
  /// - Parameter only: the only namespace requested; nil for all.
  func place(only: String?) -> String? {
    switch self {
    case .jobPods, .runners, .scaleSets: only
    case .pods, .controllerPods, .controllers: nil
    }
  }
}
