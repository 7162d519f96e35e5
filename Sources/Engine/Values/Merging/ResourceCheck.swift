import ARC
import Basics

/// Requests above their limits. The API server rejects such pods, and ARC's controller would retry forever.
enum ResourceCheck {
  /// - Throws: `EngineError` of kind `invalid` that names both amounts and where they come from.
  static func refuse(_ value: SourcedValue) throws(EngineError) {
    let problems = ["template", "listenerTemplate"].flatMap { template in
      ["containers", "initContainers"].flatMap { list in
        (value[[template, "spec", list]]?.items ?? []).flatMap(problems(of:))
      }
    }
    guard let first = problems.first else { return }
    throw EngineError(
      .invalid, first.what, why: "Kubernetes refuses a pod whose request is above the limit", fix: first.fix,
      details: problems.dropFirst().map(\.what))
  }

  private struct Problem {
    var what: String
    var fix: String
  }

  private static func problems(of container: SourcedValue) -> [Problem] {
    guard let resources = container["resources"] else { return [] }
    let name = SafeText.line(container["name"]?.text ?? "")
    return (resources["limits"]?.members ?? []).compactMap { limit in
      guard let request = resources["requests"]?[limit.key], let most = amount(limit.value),
        let wanted = amount(request), most.isLess(than: wanted)
      else { return nil }
      let kind = SafeText.line(limit.key)
      let (least, top) = (shown(request), shown(limit.value))
      let option = ["cpu": "--cpus", "memory": "--memory"][limit.key] ?? "the option"
      switch (limit.value.place, request.place) {
      case (let place?, nil):
        return Problem(
          what: "\(place.text): the limit \(top) of \(kind) for the container \(name) is below its request \(least), "
            + "which \(option) sets",
          fix: "Use \(option) \(top), or give the request in the file too")
      case (nil, let place?):
        return Problem(
          what: "\(place.text): the request \(least) of \(kind) for the container \(name) is above its limit \(top), "
            + "which \(option) sets",
          fix: "Use \(option) \(least), or give the limit in the file too")
      case (let place?, let other?):
        return Problem(
          what: "\(place.text): the limit \(top) of \(kind) for the container \(name) is below its request \(least)"
            + (place == other ? "" : " (\(other.text))"),
          fix: "Raise the limit, or lower the request")
      case (nil, nil): return nil
      }
    }
  }

  private static func amount(_ value: SourcedValue) -> ResourceQuantity? {
    guard case .scalar(let scalar) = value.content else { return nil }
    return switch scalar {
    case .string(let text): ResourceQuantity(text)
    case .int(let number): ResourceQuantity(String(number))
    case .double(let number): ResourceQuantity(String(number))
    default: nil
    }
  }

  private static func shown(_ value: SourcedValue) -> String { SafeText.line(value.text ?? value.json.encoded()) }
}
