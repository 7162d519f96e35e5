import Engine

/// The namespaces of the demo: deskrun's own, and those that scale sets were deployed to.
extension DemoWorld {
  /// The namespaces that releases are in, deskrun's own first.
  var releaseNamespaces: [String] {
    let others = Set((state.releases.values.map { $0 } + state.leaving.values.map(\.release)).compactMap(\.namespace))
    return [namespace] + others.sorted()
  }

  /// A storage class, as kind has it.
  var storageClass: JSONValue {
    var metadata = metadata("standard", kind: "StorageClass", created: state.node?.createdAt ?? 0, namespaced: false)
    metadata["annotations"] = ["storageclass.kubernetes.io/is-default-class": "true"]
    return [
      "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": .object(metadata),
      "provisioner": "rancher.io/local-path", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer",
    ]
  }

  /// A claim that several pods can write to, in each namespace with runners.
  var claims: [JSONValue] {
    releaseNamespaces.map { home in
      var metadata = metadata("build-cache", kind: "PersistentVolumeClaim", created: state.node?.createdAt ?? 0)
      metadata["namespace"] = .string(home)
      return [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": .object(metadata),
        "spec": ["accessModes": ["ReadWriteMany"], "resources": ["requests": ["storage": "50Gi"]]],
        "status": ["phase": "Bound", "accessModes": ["ReadWriteMany"]],
      ]
    }
  }
}
