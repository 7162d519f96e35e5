import Basics
import Tools

/// The parts of a Kubernetes pod that deskrun writes into Helm values and hook templates. Typed, so that nothing is
/// assembled from text.
struct PodSpec: Sendable, Equatable {
  var securityContext: SecurityContext?
  var serviceAccount: String?
  var pullSecrets: [String] = []
  var nodeSelector: [NodeLabel] = []
  var tolerations: [Toleration] = []
  package var initContainers: [Container] = []
  package var containers: [Container] = []
  package var volumes: [Volume] = []

  package var json: JSONValue {
    var object = JSONObject()
    if let securityContext { object["securityContext"] = securityContext.json }
    if let serviceAccount { object["serviceAccountName"] = .string(serviceAccount) }
    if !pullSecrets.isEmpty { object["imagePullSecrets"] = .array(pullSecrets.map { ["name": .string($0)] }) }
    if !nodeSelector.isEmpty {
      object["nodeSelector"] = .object(JSONObject(nodeSelector.map { ($0.key, .string($0.value)) }))
    }
    if !tolerations.isEmpty { object["tolerations"] = .array(tolerations.map(\.json)) }
    if !initContainers.isEmpty { object["initContainers"] = .array(initContainers.map(\.json)) }
    if !containers.isEmpty { object["containers"] = .array(containers.map(\.json)) }
    if !volumes.isEmpty { object["volumes"] = .array(volumes.map(\.json)) }
    return .object(object)
  }
}

package struct Container: Sendable, Equatable {
  package var name: String
  package var image: String?
  var pullPolicy: PullPolicy?
  package var command: [String] = []
  package var arguments: [String] = []
  package var environment: [EnvironmentVariable] = []
  /// Secrets whose keys all become environment variables.
  var secretEnvironments: [String] = []
  var resources: JSONValue?
  var securityContext: SecurityContext?
  /// `Always` makes an init container a native sidecar (Kubernetes 1.29 and later).
  package var restartPolicy: String?
  var startupProbe: JSONValue?
  var volumeMounts: [VolumeMount] = []

  package var json: JSONValue {
    var object: JSONObject = ["name": .string(name)]
    if let image { object["image"] = .string(image) }
    if let pullPolicy { object["imagePullPolicy"] = .string(pullPolicy.rawValue) }
    if !command.isEmpty { object["command"] = .array(command.map(JSONValue.string)) }
    if !arguments.isEmpty { object["args"] = .array(arguments.map(JSONValue.string)) }
    if !environment.isEmpty { object["env"] = .array(environment.map(\.json)) }
    if !secretEnvironments.isEmpty {
      object["envFrom"] = .array(secretEnvironments.map { ["secretRef": ["name": .string($0)]] })
    }
    if let resources { object["resources"] = resources }
    if let securityContext { object["securityContext"] = securityContext.json }
    if let restartPolicy { object["restartPolicy"] = .string(restartPolicy) }
    if let startupProbe { object["startupProbe"] = startupProbe }
    if !volumeMounts.isEmpty { object["volumeMounts"] = .array(volumeMounts.map(\.json)) }
    return .object(object)
  }
}

/// An environment variable of a container.
package struct EnvironmentVariable: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case value(String)
    /// A key of a Secret in the runners' namespace.
    case secret(name: String, key: String)
  }

  package var name: String
  package var source: Source

  package init(_ name: String, _ value: String) { (self.name, source) = (name, .value(value)) }
  package init(_ name: String, secret: String, key: String) {
    (self.name, source) = (name, .secret(name: secret, key: key))
  }

  package var json: JSONValue {
    switch source {
    case .value(let value): ["name": .string(name), "value": .string(value)]
    case .secret(let secret, let key):
      ["name": .string(name), "valueFrom": ["secretKeyRef": ["name": .string(secret), "key": .string(key)]]]
    }
  }
}

/// The security context of a pod or container.
struct SecurityContext: Sendable, Equatable {
  package var privileged: Bool?
  var allowPrivilegeEscalation: Bool?
  var readOnlyRootFilesystem: Bool?
  package var runAsUser: Int?
  var runAsGroup: Int?
  var fsGroup: Int?
  /// `OnRootMismatch` skips volumes whose root already has the group, instead of walking them at each start.
  var fsGroupChangePolicy: String?
  var supplementalGroups: [Int] = []
  var addedCapabilities: [String] = []

  package var json: JSONValue {
    var object = JSONObject()
    if let privileged { object["privileged"] = .bool(privileged) }
    if let allowPrivilegeEscalation { object["allowPrivilegeEscalation"] = .bool(allowPrivilegeEscalation) }
    if let readOnlyRootFilesystem { object["readOnlyRootFilesystem"] = .bool(readOnlyRootFilesystem) }
    if let runAsUser { object["runAsUser"] = .int(runAsUser) }
    if let runAsGroup { object["runAsGroup"] = .int(runAsGroup) }
    if let fsGroup { object["fsGroup"] = .int(fsGroup) }
    if let fsGroupChangePolicy { object["fsGroupChangePolicy"] = .string(fsGroupChangePolicy) }
    if !supplementalGroups.isEmpty { object["supplementalGroups"] = .array(supplementalGroups.map { .int($0) }) }
    if !addedCapabilities.isEmpty {
      object["capabilities"] = ["add": .array(addedCapabilities.map(JSONValue.string))]
    }
    return .object(object)
  }
}

/// The mount of a volume in a container.
struct VolumeMount: Sendable, Equatable {
  package var name: String
  var mountPath: String
  package var readOnly = false

  package var json: JSONValue {
    var object: JSONObject = ["name": .string(name), "mountPath": .string(mountPath)]
    if readOnly { object["readOnly"] = true }
    return .object(object)
  }
}

package struct Volume: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case emptyDirectory
    case hostPath(String, type: Mount.Kind)
    case configMap(name: String)
    case claim(name: String)
  }

  package var name: String
  package var source: Source

  package var json: JSONValue {
    switch source {
    case .emptyDirectory: ["name": .string(name), "emptyDir": [:]]
    case .hostPath(let path, let type):
      ["name": .string(name), "hostPath": ["path": .string(path), "type": .string(type.rawValue)]]
    case .configMap(let configMap): ["name": .string(name), "configMap": ["name": .string(configMap)]]
    case .claim(let claim): ["name": .string(name), "persistentVolumeClaim": ["claimName": .string(claim)]]
    }
  }
}
