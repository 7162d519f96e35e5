import Basics
import Tools

/// A context that the kubeconfig does not have, and the ways out: what errors, findings and `doctor` say of it.
package struct MissingContext: Sendable, Equatable {
  private let target: ClusterTarget
  private let names: [InstallationName]
  private let kept: KeptContexts

  /// - Parameters:
  ///   - installations: those that were deployed through it.
  ///   - kept: the other contexts that lead to the cluster that they were deployed on.
  package init(_ target: ClusterTarget, of installations: [InstallationName], kept: KeptContexts = [:]) {
    (self.target, names, self.kept) = (target, installations, kept)
  }

  private var installations: [String] { names.map(\.description) }

  /// The installation's name in a command; a placeholder for several.
  private var argument: String { installations.count == 1 ? installations[0] : "NAME" }

  /// What is known of the reason.
  package var why: String? {
    guard !installations.isEmpty, target.kindCluster == nil else { return nil }
    let names = installations.joined(separator: ", ")
    return
      "\(names) \(installations.count == 1 ? "was" : "were") deployed through it; it was renamed or deleted, or is "
      + "in another kubeconfig"
  }

  /// The ways that work, apart from binding the installation to another context; for a context without installations,
  /// all of them.
  package var otherWays: String {
    if target.kindCluster != nil { return ClusterInspector.addsContext }
    guard !installations.isEmpty else { return Self.unused }
    return "Where the cluster no longer exists: `deskrun remove \(argument) --skip-cluster`"
  }

  /// All ways in one text.
  package var fix: String {
    guard target.kindCluster == nil, !installations.isEmpty else { return otherWays }
    if let way = names.way(kept) {
      let others = names.filter { kept[$0] == nil }
      return others.isEmpty ? way : "\(way). \(Self(target, of: others).fix)"
    }
    let whom = installations.count == 1 ? installations[0] : "each of \(installations.joined(separator: ", "))"
    return "Bind \(whom) to the context that \(installations.count == 1 ? "its" : "their") cluster has now "
      + "(`kubectl config get-contexts` lists them): `deskrun edit \(argument) --context CONTEXT`. \(otherWays)"
  }

  /// The way if the kubeconfig does not exist any more. The scale sets may be running, so removing is none.
  private var inAnotherFile: String {
    "If another kubeconfig has a context of its cluster: `deskrun edit \(argument) --kubeconfig FILE --context CONTEXT`"
  }

  /// An error of a program with the ways out.
  package func completing(_ error: EngineError) -> EngineError {
    var error = error
    // Without a kubeconfig nothing is known of the context, and no program can list those that it had.
    if case .noKubeconfig = error.obstacle {
      guard target.kindCluster == nil, !installations.isEmpty else { return error }
      if names.way(kept) != nil {
        error.fix = fix
      } else if target.kubeconfig != nil {
        // One that variables name is corrected there.
        error.fix = "\(error.fix ?? "Put the file back"). \(inAnotherFile)"
      }
      return error
    }
    error.why = why ?? error.why
    error.fix = fix
    return error
  }

  /// The ways if no installation uses the context.
  package static let unused =
    "Use a context that the kubeconfig has (`kubectl config get-contexts` lists them). `deskrun cluster use CONTEXT` "
    + "chooses the default, `deskrun cluster use --kind` deskrun's own cluster"
}
