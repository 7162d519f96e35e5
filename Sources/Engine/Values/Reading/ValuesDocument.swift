import ARC
import Basics

/// A document given as values: it contains them directly or in a part, or is something else.
struct ValuesDocument {
  private let document: YAMLNode
  private let text: ValuesText
  private let reference: ValuesReference

  init(_ document: YAMLNode, _ text: ValuesText, _ reference: ValuesReference) {
    self.document = document
    self.text = text
    self.reference = reference
  }

  /// The mapping with the values.
  ///
  /// - Throws: `EngineError` of kind `invalid` that tells what it is instead, and what is expected.
  func values() throws(EngineError) -> YAMLNode {
    guard reference.part == nil else { return try mapping(try part()) }
    if let other = wrapping { throw other }
    return try mapping(document)
  }

  private var path: String { SafeText.line(reference.path) }

  private func mapping(_ node: YAMLNode) throws(EngineError) -> YAMLNode {
    switch node.content {
    case .map: return node
    case .scalar(.null): return ValuesFile.empty
    case .scalar(.string(let inner)) where reference.part != nil:
      return try values(inString: inner, node.mark)
    case .list, .scalar:
      let what = node.items == nil ? "a single value" : "a list"
      throw EngineError(
        .invalid, "\(text.place(reference.path, node.mark)): this is \(what), not values",
        why: "Helm values are a mapping: KEY: VALUE", fix: "Name another file, or a part of this one: \(path)#KEY.KEY",
        details: text.quoted(node.mark))
    }
  }

  /// Values in a string of the document, as in Argo CD; their line numbers are those of the file.
  private func values(inString inner: String, _ mark: YAMLMark) throws(EngineError) -> YAMLNode {
    let places = text.places(ofStringAt: mark, inner)
    let document: YAMLNode
    do throws(YAMLProblem) { document = try YAMLReader.read(Array(inner.utf8)) ?? ValuesFile.empty } catch {
      throw text.error(error.moving(places.mark), in: reference.text)
    }
    return try ValuesDocument(document.moving(places.mark), text, ValuesReference(wholeFile: reference.text)).values()
  }

  private func part() throws(EngineError) -> YAMLNode {
    var node = document
    var walked = ""
    for key in reference.keys {
      let next: YAMLNode? =
        switch node.content {
        case .map: node[key]
        case .list(let items): Int(key).flatMap { items.indices.contains($0) ? items[$0] : nil }
        case .scalar: nil
        }
      guard let next else {
        let keys = node.members?.map { SafeText.line($0.key) } ?? node.items?.indices.map(String.init) ?? []
        throw EngineError(
          .invalid, "\(path) has no \(SafeText.line(walked + key))",
          why: keys.isEmpty
            ? nil : "It has: \(keys.prefix(12).joined(separator: ", "))" + (keys.count > 12 ? ", …" : ""),
          fix: "Correct what follows # in --values")
      }
      node = next
      walked += key + "."
    }
    return node
  }

  // MARK: Documents of other kinds

  /// The error for several Kubernetes objects in a file, as from `helm template` and in GitOps repositories; nil for
  /// anything else.
  static func manifests(_ bytes: [UInt8], _ text: ValuesText, _ reference: ValuesReference) -> EngineError? {
    let objects = YAMLReader.documents(bytes).filter { $0["apiVersion"] != nil && $0["kind"]?.json.stringValue != nil }
    guard let first = objects.first else { return nil }
    let path = SafeText.line(reference.path)
    var kinds: [String] = []
    for kind in objects.compactMap({ $0["kind"]?.json.stringValue }).map({ SafeText.line($0) })
    where !kinds.contains(kind) { kinds.append(kind) }
    let shown = kinds.prefix(6).joined(separator: ", ") + (kinds.count > 6 ? ", …" : "")
    let mark = first.members?.first { $0.key == "kind" }?.mark ?? first.mark
    let isRendered = kinds.contains("AutoscalingRunnerSet")
    let holder = kinds.first { ["HelmRelease", "Application", "ApplicationSet"].contains($0) }
    return EngineError(
      .invalid, "\(text.place(reference.path, mark)): these are Kubernetes objects, not values: \(shown)",
      why: isRendered
        ? "Helm created them from values"
        : holder.map { "Only a part of the \($0) is values, and the file has several documents" }
          ?? "A values file has one document, a mapping of the chart's keys",
      fix: isRendered
        ? "Use the values they were created from: `helm get values RELEASE -n NAMESPACE`"
        : holder.map { "Put the \($0) into a file of its own, then name its part: --values FILE#KEY.KEY" }
          ?? "Name the file that was given to Helm with -f instead of \(path)",
      details: text.quoted(mark))
  }

  /// The error for a document that has values in a part, or is something else; nil for values.
  private var wrapping: EngineError? {
    if let list = ValuesHolders(document) { return list.error(text, reference) }
    if let kind = scalar("kind"), document["apiVersion"] != nil { return manifest(kind) }
    let blocks = blocks(document.members ?? [])
    guard let block = blocks.first else { return nil }
    let names = blocks.map { SafeText.line($0.key.contains(".") ? "\"\($0.key)\"" : $0.key) }
    return EngineError(
      .invalid,
      "\(text.place(reference.path, block.mark)): the values are below \(names.joined(separator: ", "))",
      why: "The file holds the values of a chart that contains ARC's chart",
      fix: names.count == 1
        ? use(names[0]) : "Use one of these parts: \(names.map { "--values \(path)#\($0)" }.joined(separator: ", "))",
      details: text.quoted(block.mark))
  }

  private func manifest(_ kind: String) -> EngineError {
    let mark = document.members?.first { $0.key == "kind" }?.mark ?? document.mark
    let what = "\(text.place(reference.path, mark)): this is a Kubernetes object of kind \(SafeText.line(kind))"
    let part: String?
    switch kind {
    case "HelmRelease": part = document["spec"]?["values"] == nil ? nil : "spec.values"
    case "Application", "ApplicationSet": part = argo
    default: part = nil
    }
    if let part {
      return EngineError(.invalid, what, why: "Its values are in .\(part)", fix: use(part), details: text.quoted(mark))
    }
    return EngineError(
      .invalid, what,
      why: kind == "AutoscalingRunnerSet"
        ? "Helm created it from values" : "No Helm values are in a place of it that is known",
      fix: kind == "AutoscalingRunnerSet"
        ? "Use the values it was created from: `helm get values RELEASE -n NAMESPACE`"
        : "Name the part that holds them: --values \(path)#KEY.KEY",
      details: text.quoted(mark))
  }

  /// Where an Argo CD Application has its values.
  private var argo: String? {
    let spec = document["kind"]?.json == "ApplicationSet" ? "spec.template.spec" : "spec"
    var node: YAMLNode? = document
    for key in spec.split(separator: ".") { node = node?[String(key)] }
    var places = [("source", node?["source"])]
    for (at, source) in (node?["sources"]?.items ?? []).enumerated() { places.append(("sources[\(at)]", source)) }
    for (name, source) in places {
      for key in ["valuesObject", "values"] where source?["helm"]?[key] != nil { return "\(spec).\(name).helm.\(key)" }
    }
    return nil
  }

  /// Keys that any chart may have.
  private static let common: Set<String> = ["global", "labels", "annotations", "nameOverride"]

  /// The keys that contain the chart's own keys: this is how a chart with ARC's as a dependency passes values to it.
  private func blocks(_ members: [YAMLMember]) -> [YAMLMember] {
    guard !members.contains(where: { ChartKeys.isKnown($0.key) && !Self.common.contains($0.key) }) else { return [] }
    return members.filter { member in
      guard !Self.common.contains(member.key), let inner = member.value.members else { return false }
      return member.key == ARCCharts.scaleSetName || inner.contains { ChartKeys.isTelling($0.key) }
    }
  }

  private func scalar(_ key: String) -> String? { document[key]?.json.stringValue }

  private func use(_ part: String) -> String { "Use that part: --values \(path)#\(SafeText.line(part))" }
}
