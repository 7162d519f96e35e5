import Engine

/// The demo's namespaces: deskrun's own, and those of scale sets.
extension DemoWorld {
  /// The namespaces with releases, deskrun's own first.
  var releaseNamespaces: [String] {
    let others = Set((state.releases.values.map { $0 } + state.leaving.values.map(\.release)).compactMap(\.namespace))
    return [namespace] + others.sorted()
  }

  /// A storage class like kind's.
  var storageClass: JSONValue {
    var metadata = metadata("standard", kind: "StorageClass", created: state.node?.createdAt ?? 0, namespaced: false)
    metadata["annotations"] = ["storageclass.kubernetes.io/is-default-class": "true"]
    return [
      "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": .object(metadata),
      "provisioner": "rancher.io/local-path", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer",
    ]
  }

  /// A claim in each runner namespace that several pods can write to.
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
