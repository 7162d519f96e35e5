import Basics

/// The settings of a scale set that an installation determines, whether read from the configuration, from the values of
/// a Helm release or from the cluster.
package struct ScaleSetSettings: Sendable, Equatable {
  package var scaleSet: String
  /// The GitHub URL its runners register with.
  package var url: String
  package var minimum: Int
  /// Nil for no limit.
  package var maximum: Int?
  /// The runner group; nil for GitHub's default one.
  package var group: String?
  /// The labels besides the name.
  package var labels: [String]
  /// The image of the container `runner`; nil if not set.
  package var image: String?

  package init(
    scaleSet: String, url: String, minimum: Int, maximum: Int?, group: String?, labels: [String], image: String?
  ) {
    (self.scaleSet, self.url, self.minimum, self.maximum) = (scaleSet, url, minimum, maximum)
    (self.group, self.labels, self.image) = (Self.group(group), labels, image)
  }

  /// Reads the values of a Helm release of ARC's scale set chart.
  package init(values: JSONValue, scaleSet: String) {
    self.init(
      scaleSet: scaleSet, url: values["githubConfigUrl"]?.stringValue ?? "",
      minimum: values["minRunners"]?.intValue ?? 0, maximum: values["maxRunners"]?.intValue,
      group: values["runnerGroup"]?.stringValue, labels: Self.texts(values["scaleSetLabels"]),
      image: Self.runnerImage(values["template"]))
  }

  /// Reads the spec of an AutoscalingRunnerSet.
  package init(spec: JSONValue?, scaleSet: String) {
    self.init(
      scaleSet: scaleSet, url: spec?["githubConfigUrl"]?.stringValue ?? "",
      minimum: spec?["minRunners"]?.intValue ?? 0, maximum: spec?["maxRunners"]?.intValue,
      group: spec?["runnerGroup"]?.stringValue, labels: Self.texts(spec?["runnerScaleSetLabels"]),
      image: Self.runnerImage(spec?["template"]))
  }

  private static func texts(_ list: JSONValue?) -> [String] { (list?.arrayValue ?? []).compactMap(\.stringValue) }

  private static func runnerImage(_ template: JSONValue?) -> String? {
    template?["spec"]?["containers"]?.arrayValue?.first { $0["name"] == "runner" }?["image"]?.stringValue
  }

  /// GitHub's default group has a name, and no name means that group too.
  package static func group(_ name: String?) -> String? {
    name.flatMap { $0.isEmpty || $0.lowercased() == "default" ? nil : $0 }
  }
}
