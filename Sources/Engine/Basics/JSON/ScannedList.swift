/// A list as the API returns it.
package struct ScannedList<Object: ScannedObject> {
  package var items: [Object] = []
  /// The token of the next page, if there is one.
  package var rest: String?
  /// The resource version of the list.
  package var version = ""

  /// Reads a response.
  ///
  /// - Throws: `EngineError` if it is not JSON.
  package init(_ answer: [UInt8]) throws(EngineError) {
    var list = Self()
    do {
      try JSONScanner.scan(answer) { scanner in
        scanner.object { key, value in
          switch key {
          case "items": value.array { list.items.append(Object(&$0)) }
          case "metadata":
            value.object { key, value in
              switch key {
              case "continue": list.rest = value.string().flatMap { $0.isEmpty ? nil : $0 }
              case "resourceVersion": list.version = value.string() ?? ""
              default: break
              }
            }
          default: break
          }
        }
      }
    } catch {
      throw EngineError(
        .failed, "The cluster answered something that is not JSON",
        why: (error as? JSONParseError).map { "column \($0.column): \($0.message)" },
        fix: "See what answers at the cluster's address: `kubectl get --raw /version`")
    }
    self = list
  }

  private init() {}
}
