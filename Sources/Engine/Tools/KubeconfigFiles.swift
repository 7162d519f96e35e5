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

  /// The state of these files: when it changes, the context may point to another cluster. Needs one `stat` per file.
  package var access: FileStamp { FileStamp(of: kubeconfigFiles) }
}
