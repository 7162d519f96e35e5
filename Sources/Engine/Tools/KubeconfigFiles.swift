import Basics

/// The files that kubectl and helm read to find a cluster.
package enum KubeconfigFiles {
  /// Those that are read by default.
  package static func standard(_ environment: [String: String]) -> [String] {
    if let listed = environment["KUBECONFIG"], !listed.isEmpty { return listed.split(separator: ":").map(String.init) }
    return environment["HOME"].map { ["\($0)/.kube/config"] } ?? []
  }
}

extension Toolbox {
  /// The kubeconfig files of this cluster.
  package var kubeconfigFiles: [String] { target.kubeconfig.map { [$0] } ?? KubeconfigFiles.standard(environment) }

  /// The state of these files: once it changes, the context may mean another cluster. Costs a `stat` of each.
  package var access: FileStamp { FileStamp(of: kubeconfigFiles) }
}
