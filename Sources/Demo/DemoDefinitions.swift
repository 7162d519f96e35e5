import Engine

/// ARC's custom resource definitions of a version, with the parts of their schemas that distinguish versions.
struct DemoDefinitions {
  let release: ARCRelease

  init(_ release: ARCRelease) { self.release = release }

  /// The definitions by name.
  var objects: [(String, JSONValue)] {
    let isLater = release.isInPlaceGeneration
    let scaleSets: JSONValue =
      isLater
      ? ["properties": ["phase": ["type": "string"], "observedGeneration": ["type": "integer"]]]
      : ["properties": ["phase": ["type": "string"], "currentRunners": ["type": "integer"]]]
    let runnerSets: JSONValue =
      isLater
      ? ["properties": ["phase": ["type": "string"], "appliedActionableRevision": ["type": "integer"]]]
      : ["required": ["currentReplicas"], "properties": ["currentReplicas": ["type": "integer"]]]
    let other: JSONValue = ["properties": ["phase": ["type": "string"]]]
    return DeploymentNames.definitions.map { name in
      let status =
        name == ResourceDefinitions.scaleSets ? scaleSets : name == ResourceDefinitions.runnerSets ? runnerSets : other
      return (
        name,
        [
          "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
          "metadata": ["name": .string(name)],
          "spec": [
            "group": "actions.github.com",
            "versions": [
              [
                "name": "v1alpha1", "served": true, "storage": true,
                "schema": ["openAPIV3Schema": ["type": "object", "properties": ["status": status]]],
              ]
            ],
          ],
        ]
      )
    }
  }

  /// The version of a definition, as far as it can be determined.
  static func version(of definition: JSONValue) -> String? {
    guard definition["metadata"]?["name"]?.stringValue == ResourceDefinitions.scaleSets else { return nil }
    let isOld = ResourceDefinitions.isFromBefore015(scaleSets: definition, runnerSets: nil)
    return SupportedARC.releases.last { $0.isInPlaceGeneration != isOld }?.description
  }
}
