import Engine

/// The namespaces of the demo: deskrun's own, and those that scale sets were deployed to.
extension DemoWorld {
  /// The namespaces that releases are in, deskrun's own first.
  var releaseNamespaces: [String] {
    let others = Set((state.releases.values.map { $0 } + state.leaving.values.map(\.release)).compactMap(\.namespace))
    return [namespace] + others.sorted()
  }

  /// The objects of a scale set as they are in its namespace. The listener is in the controller's, whatever that is.
  func placed(_ objects: [JSONValue], of set: DemoScaleSet) -> [JSONValue] {
    guard let home = set.release.namespace else { return objects }
    return objects.map { object in
      guard var whole = object.objectValue, var metadata = whole["metadata"]?.objectValue else { return object }
      let isListener = metadata["labels"]?["app.kubernetes.io/component"] == "runner-scale-set-listener"
      if !isListener, metadata["namespace"] != nil { metadata["namespace"] = .string(home) }
      Self.replace("actions.github.com/scale-set-namespace", in: "labels", of: &metadata, with: home)
      Self.replace("meta.helm.sh/release-namespace", in: "annotations", of: &metadata, with: home)
      whole["metadata"] = .object(metadata)
      Self.replace("autoscalingRunnerSetNamespace", in: "spec", of: &whole, with: home)
      Self.replace("namespace", in: "involvedObject", of: &whole, with: home)
      return .object(whole)
    }
  }

  private static func replace(_ key: String, in part: String, of object: inout JSONObject, with text: String) {
    guard var inner = object[part]?.objectValue, inner[key] != nil else { return }
    inner[key] = .string(text)
    object[part] = .object(inner)
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
