import ARC
import Basics

/// The properties of an installation in a values file, to create one from it.
package struct ValuesImport: Sendable, Equatable {
  package var file: ValuesFile
  package var scaleSet: String?
  package var url: String?
  package var minimum: Int?
  package var maximum: Int?
  package var labels: [String]?
  package var runnerGroup: String?
  package var mode: ContainerMode?
  /// The line with credentials, which are not imported.
  package var secret: ValuesPlace?
  /// The Docker daemon in the file because of which the mode is `dind`; nil if the file sets a mode or has no daemon.
  package var daemon: ValuesPlace?

  /// - Throws: `EngineError` of kind `invalid` for a value of the wrong type.
  package init(_ file: ValuesFile) throws(EngineError) {
    self.file = file
    func node(_ key: OwnedKey) -> YAMLNode? {
      file.root[key.rawValue].flatMap { $0.content == .scalar(.null) ? nil : $0 }
    }
    func refused(_ key: OwnedKey, _ node: YAMLNode, _ type: String) -> EngineError {
      let place = ValuesPlace(file: file.reference.text, line: node.mark.line)
      return EngineError(
        .invalid, "\(place.text): \(key.rawValue) must be \(type)",
        why: "The chart ignores \(SafeText.line(node.json.encoded()))", fix: "Fix the line")
    }
    func text(_ key: OwnedKey) throws(EngineError) -> String? {
      guard let node = node(key) else { return nil }
      guard let text = node.json.stringValue else { throw refused(key, node, "a string") }
      return text.isEmpty ? nil : text
    }
    func number(_ key: OwnedKey) throws(EngineError) -> Int? {
      guard let node = node(key) else { return nil }
      guard let number = node.json.intValue else { throw refused(key, node, "a number") }
      return number
    }
    scaleSet = try text(.runnerScaleSetName)
    url = try text(.githubConfigUrl)
    minimum = try number(.minRunners)
    maximum = try number(.maxRunners)
    let group = try text(.runnerGroup)
    // The group that everybody has by default.
    runnerGroup = group == "default" ? nil : group
    if let node = node(.scaleSetLabels) {
      guard let items = node.items else { throw refused(.scaleSetLabels, node, "a list") }
      var texts: [String] = []
      for item in items {
        // A number is an unquoted label, such as `24.04`.
        guard let label = OwnedKey.label(item.json), !label.isEmpty else {
          throw refused(.scaleSetLabels, item, "a list of strings")
        }
        texts.append(label)
      }
      labels = texts
    }
    switch file.root["containerMode"]?["type"]?.json.stringValue {
    case "kubernetes": mode = .kubernetes
    case "kubernetes-novolume": mode = .cachedPrivilegedKubernetes
    case "dind": mode = .dind
    default:
      daemon = BroughtPod(file).daemonPlace
      mode = daemon == nil ? nil : .dind
    }
    if let node = node(.githubConfigSecret) {
      secret = ValuesPlace(file: file.reference.text, line: node.mark.line)
    }
  }
}
