import Basics

/// The kubeconfig files that kubectl and helm read.
package enum KubeconfigFiles {
  /// The default files.
  package static func standard(_ environment: [String: String]) -> [String] {
    if let listed = environment["KUBECONFIG"], !listed.isEmpty { return listed.split(separator: ":").map(String.init) }
    return environment["HOME"].map { ["\($0)/.kube/config"] } ?? []
  }
}

extension Toolbox {
  /// The kubeconfig files of this cluster.
  package var kubeconfigFiles: [String] { target.kubeconfig.map { [$0] } ?? KubeconfigFiles.standard(environment) }

  /// The first of these files if none of them exists; nil if at least one does. kubectl ignores those that do not, so
  /// that it only reports a missing context.
  package var absentKubeconfig: String? {
    kubeconfigFiles.contains(where: FileIO.exists) ? nil : kubeconfigFiles.first.map { SafeText.line($0) }
  }

  /// The error for a kubeconfig that does not exist.
  ///
  /// - Parameter fix: by default that of a file that was given with `--kubeconfig`.
  package static func noKubeconfig(
    _ file: String, why: String? = nil, fix: String = "Correct the path in --kubeconfig"
  ) -> EngineError {
    let file = SafeText.line(file)
    return EngineError(
      .unreachable, "The kubeconfig \(file) does not exist", why: why,
      fix: fix, obstacle: .noKubeconfig(file))
  }

  /// What helps if none of kubectl's own files exists.
  package static func kubeconfigFix(_ environment: [String: String]) -> String {
    environment["KUBECONFIG"]?.isEmpty == false
      ? "Correct the path in KUBECONFIG" : "Set KUBECONFIG, or name the file with --kubeconfig"
  }

  /// The state of these files: when it changes, the context may point to another cluster. Needs one `stat` per file.
  package var access: FileStamp { FileStamp(of: kubeconfigFiles) }
}
