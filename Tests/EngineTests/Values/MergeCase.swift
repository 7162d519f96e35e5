import ARC
import Basics
import Testing

@testable import ValuesFiles

/// A values file, and the expected result of merging it, written manually.
struct MergeCase: Sendable, CustomTestStringConvertible {
  var name: String
  var mode = ContainerMode.kubernetes
  var file: String
  /// Paths with their expected values; nil for a missing value. List items are addressed by name.
  var expected: [(path: String, value: JSONValue?)]
  /// Prefixes of the expected messages.
  var notes: [String] = []
  var warnings: [String] = []

  var testDescription: String { name }

  static let cache = HostVolume(name: "cache-0", nodePath: "/host-cache/web", target: "/cargo", isOwn: true)

  static func values(_ mode: ContainerMode, caches: Bool = true, settings: PodSettings = PodSettings())
    -> ScaleSetValues
  {
    ScaleSetValues(
      .init(
        scaleSet: "web", githubURL: "https://github.com/acme/web", secretName: "web-credentials", mode: mode,
        minimum: 1, maximum: 5, labels: ["big"], volumes: caches ? [cache] : [], storageClass: "standard",
        settings: settings))
  }

  static func file(_ text: String, _ name: String = "/v.yaml") throws(EngineError) -> ValuesFile {
    try ValuesFile(Array(text.utf8), ValuesReference(name))
  }

  func merged() throws(EngineError) -> MergedValues {
    try MergedValues(Self.values(mode), files: [Self.file(file)], chartVersion: "0.14.2") {
      OwnershipMark.marking($0, installation: "web", owner: "me")
    }
  }

  /// The value at a path, for example `template.spec.containers.runner.env.HTTP_PROXY.value`.
  static func value(_ path: String, in json: JSONValue) -> JSONValue? {
    var value: JSONValue? = json
    for key in path.split(separator: " ").map(String.init) {
      if let items = value?.arrayValue {
        value =
          items.first { $0["name"] == .string(key) || $0["mountPath"] == .string(key) }
          ?? Int(key).flatMap {
            items.indices.contains($0) ? items[$0] : nil
          }
      } else {
        value = value?[key]
      }
    }
    return value
  }
}
