import ARC
import Basics

/// Another tool's document with the values of several charts in a list: a helmfile, or a kustomization with Helm
/// charts.
struct ValuesHolders {
  private enum Kind { case helmfile, kustomization }

  /// A release of ARC's scale set chart in it.
  private struct Holder {
    var name: String
    var mark: YAMLMark
    /// The positions of its values in the syntax of options: parts of the document, and other files.
    var values: [Place]
  }

  private enum Place {
    case part(String)
    case file(String)
  }

  private let kind: Kind
  private let mark: YAMLMark
  private let holders: [Holder]

  /// - Returns: nil for any other document.
  init?(_ document: YAMLNode) {
    if let list = document["releases"], let items = list.items, items.contains(where: { $0["chart"] != nil }) {
      (kind, mark) = (.helmfile, list.mark)
      holders = items.enumerated().compactMap(Self.release)
    } else if let list = document["helmCharts"], let items = list.items {
      (kind, mark) = (.kustomization, list.mark)
      holders = items.enumerated().compactMap(Self.chart)
    } else {
      return nil
    }
  }

  private static func isOfARC(_ chart: String) -> Bool {
    chart.split(separator: "/").last.map { $0 == ARCCharts.scaleSetName } ?? false
  }

  private static func release(_ at: Int, _ item: YAMLNode) -> Holder? {
    let values = item["values"]?.items ?? []
    guard let chart = item["chart"]?.text,
      isOfARC(chart)
        || values.contains(where: { $0.members?.contains { ChartKeys.isTelling($0.key) } == true })
    else { return nil }
    return Holder(
      name: item["name"]?.text ?? chart, mark: item.mark,
      values: values.enumerated().compactMap { index, node in
        node.members != nil ? .part("releases.\(at).values.\(index)") : node.text.map(Place.file)
      })
  }

  private static func chart(_ at: Int, _ item: YAMLNode) -> Holder? {
    let inner = item["valuesInline"]
    guard let name = item["name"]?.text,
      isOfARC(name) || inner?.members?.contains(where: { ChartKeys.isTelling($0.key) }) == true
    else { return nil }
    let files =
      [item["valuesFile"]].compactMap { $0?.text } + (item["additionalValuesFiles"]?.items ?? []).compactMap(\.text)
    return Holder(
      name: item["releaseName"]?.text ?? name, mark: item.mark,
      values: files.map(Place.file) + (inner?.members == nil ? [] : [.part("helmCharts.\(at).valuesInline")]))
  }

  /// The path of a file named in a document, relative to the document.
  private static func path(of file: String, beside document: String) -> String {
    guard !file.hasPrefix("/"), file.firstRange(of: "://") == nil, let slash = document.lastIndex(of: "/") else {
      return file
    }
    return document[...slash] + file
  }

  /// The error that tells which part to use.
  func error(_ text: ValuesText, _ reference: ValuesReference) -> EngineError {
    let what = kind == .helmfile ? "a helmfile" : "a kustomization with Helm charts"
    let item = kind == .helmfile ? "release" : "chart"
    let place = holders.first?.mark ?? mark
    func options(_ holder: Holder) -> String {
      holder.values.map { value in
        switch value {
        case .part(let part): "--values \(SafeText.line(reference.path))#\(part)"
        case .file(let file): "--values \(SafeText.line(Self.path(of: file, beside: reference.path)))"
        }
      }.joined(separator: " ")
    }
    let full = holders.filter { !$0.values.isEmpty }
    let (why, fix): (String, String)
    switch (holders.count, full.first) {
    case (0, _):
      why = "No \(item) in it is of the chart \(ARCCharts.scaleSetName)"
      fix = "Name the file with the values of that chart"
    case (_, nil):
      why = "The \(item) \(SafeText.line(holders[0].name)) has no values"
      fix = "Use options instead of a values file"
    case (_, let first?) where full.count == 1:
      why = "It holds or names the values of the \(item) \(SafeText.line(first.name))"
      fix = "Use \(options(first))"
    default:
      why =
        "It holds or names the values of several \(item)s: "
        + full.map { SafeText.line($0.name) }.joined(separator: ", ")
      fix = "Use those of one: " + full.map(options).joined(separator: ", or ")
    }
    return EngineError(
      .invalid, "\(text.place(reference.path, place)): this is \(what), not values", why: why, fix: fix,
      details: text.quoted(place))
  }
}
