import Basics
import Tools

/// What deploys a scale set, according to its labels and annotations.
package enum ScaleSetManager: Sendable, Equatable {
  /// A deskrun configuration, with its identity; nil if the mark does not contain it.
  case deskrun(identity: String?)
  /// An Argo CD Application (annotation `argocd.argoproj.io/tracking-id`, or label `argocd.argoproj.io/instance`).
  case argoCD(application: String)
  /// A Flux HelmRelease or Kustomization (labels `helm.toolkit.fluxcd.io/name`, `kustomize.toolkit.fluxcd.io/name`).
  case flux(kind: FluxKind, name: String, namespace: String)
  /// A Helm release (annotation `meta.helm.sh/release-name`).
  case helm(release: String, namespace: String)
  /// No labels or annotations identify it.
  case unknown

  package enum FluxKind: String, Sendable, Equatable {
    case helmRelease = "HelmRelease"
    case kustomization = "Kustomization"
  }

  /// Whether it would revert changes made in the cluster.
  package var isGitOps: Bool {
    switch self {
    case .argoCD, .flux: true
    case .deskrun, .helm, .unknown: false
    }
  }

  /// A description for use in a sentence. Contains text from outside, escaped for display.
  package var words: String {
    let text =
      switch self {
      case .deskrun(let identity): "another deskrun" + (identity.map { " (identity \($0))" } ?? "")
      case .argoCD(let application): "the Argo CD application \(application)"
      case .flux(let kind, let name, let namespace):
        "the Flux \(kind.rawValue) \(namespace.isEmpty ? "" : "\(namespace)/")\(name)"
      case .helm(let release, let namespace): "the Helm release \(release) in namespace \(namespace)"
      case .unknown: "something that it does not name"
      }
    return SafeText.line(text)
  }

  /// A short description for a column.
  package var shortWords: String {
    let text =
      switch self {
      case .deskrun: "another deskrun"
      case .argoCD(let application): "Argo CD: \(application)"
      case .flux(_, let name, let namespace): "Flux: \(namespace.isEmpty ? "" : "\(namespace)/")\(name)"
      case .helm(let release, _): "Helm: \(release)"
      case .unknown: "unknown"
      }
    return SafeText.line(text)
  }

  /// The kind, for JSON.
  package var kind: String {
    switch self {
    case .deskrun: "deskrun"
    case .argoCD: "argocd"
    case .flux: "flux"
    case .helm: "helm"
    case .unknown: "unknown"
    }
  }

  /// Its name in that system; nil if it has none.
  package var name: String? {
    let text: String? =
      switch self {
      case .deskrun(let identity): identity
      case .argoCD(let application): application
      case .flux(_, let name, let namespace): namespace.isEmpty ? name : "\(namespace)/\(name)"
      case .helm(let release, let namespace): "\(namespace)/\(release)"
      case .unknown: nil
      }
    return text.map { SafeText.line($0) }
  }
}

/// The labels and annotations of an object that identify its manager.
package struct ManagerMarks: Sendable, Equatable {
  /// deskrun's marks, if any.
  var installation: String?
  var owner: String?
  private(set) var release: String?
  private(set) var releaseNamespace: String?
  private var trackingID: String?
  private var application: String?
  private var helmRelease: (name: String?, namespace: String?)
  private var kustomization: (name: String?, namespace: String?)

  package init() {}

  package static func == (a: ManagerMarks, b: ManagerMarks) -> Bool { a.manager(in: "") == b.manager(in: "") }

  mutating func readAnnotation(_ key: JSONScanner.Key, _ value: inout JSONScanner) {
    switch key {
    case "meta.helm.sh/release-name": release = value.string()
    case "meta.helm.sh/release-namespace": releaseNamespace = value.string()
    case "argocd.argoproj.io/tracking-id": trackingID = value.string()
    default: break
    }
  }

  mutating func readLabel(_ key: JSONScanner.Key, _ value: inout JSONScanner) {
    switch key {
    case "deskrun/installation": installation = value.string()
    case "deskrun/owner": owner = value.string()
    case "argocd.argoproj.io/instance": application = value.string()
    case "helm.toolkit.fluxcd.io/name": helmRelease.name = value.string()
    case "helm.toolkit.fluxcd.io/namespace": helmRelease.namespace = value.string()
    case "kustomize.toolkit.fluxcd.io/name": kustomization.name = value.string()
    case "kustomize.toolkit.fluxcd.io/namespace": kustomization.namespace = value.string()
    default: break
    }
  }

  /// Reads the marks of an object in a JSON document.
  package init(_ object: JSONValue) {
    let (labels, annotations) = (object["metadata"]?["labels"], object["metadata"]?["annotations"])
    installation = labels?[OwnershipMark.installation]?.stringValue
    owner = labels?[OwnershipMark.owner]?.stringValue
    application = labels?["argocd.argoproj.io/instance"]?.stringValue
    helmRelease = (
      labels?["helm.toolkit.fluxcd.io/name"]?.stringValue, labels?["helm.toolkit.fluxcd.io/namespace"]?.stringValue
    )
    kustomization = (
      labels?["kustomize.toolkit.fluxcd.io/name"]?.stringValue,
      labels?["kustomize.toolkit.fluxcd.io/namespace"]?.stringValue
    )
    release = annotations?["meta.helm.sh/release-name"]?.stringValue
    releaseNamespace = annotations?["meta.helm.sh/release-namespace"]?.stringValue
    trackingID = annotations?["argocd.argoproj.io/tracking-id"]?.stringValue
  }

  /// What deploys the object. Flux and Argo CD take precedence, because they deploy Helm charts, which may have
  /// deskrun's mark.
  ///
  /// - Parameter namespace: the object's namespace.
  package func manager(in namespace: String) -> ScaleSetManager {
    if let name = helmRelease.name {
      return .flux(kind: .helmRelease, name: name, namespace: helmRelease.namespace ?? "")
    }
    if let name = kustomization.name {
      return .flux(kind: .kustomization, name: name, namespace: kustomization.namespace ?? "")
    }
    // `APPLICATION:GROUP/KIND:NAMESPACE/NAME`
    if let application = trackingID?.split(separator: ":").first.map(String.init) ?? application {
      return .argoCD(application: application)
    }
    if installation != nil { return .deskrun(identity: owner) }
    if let release { return .helm(release: release, namespace: releaseNamespace ?? namespace) }
    return .unknown
  }
}
