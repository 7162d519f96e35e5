import Basics
import Tools

/// Which namespaces are looked at.
package struct NamespaceChoice: Sendable {
  /// The one that the user narrowed the look to; nil for all that may be read.
  package var only: String?
  /// Asked where not all namespaces may be read: those that are worth a try.
  private let others: @Sendable () async -> [String]

  /// - Parameter others: namespaces that are worth a try besides deskrun's own.
  package init(only: String? = nil, others: @escaping @Sendable () async -> [String] = { [] }) {
    (self.only, self.others) = (only, others)
  }

  /// The namespaces to try one by one where a list of all of them is forbidden.
  package func candidates() async -> [String] {
    var found: [String] = only.map { [$0] } ?? []
    for name in await others() + [ClusterTarget.namespace] where !name.isEmpty && !found.contains(name) {
      found.append(name)
    }
    return found
  }
}

extension Toolbox {
  /// Which namespaces these programs look at: the one it is narrowed to; where not all may be read, that of the
  /// kubeconfig's context and those where something of the configuration is.
  package var places: NamespaceChoice {
    let toolbox = self
    return NamespaceChoice(only: narrowedTo) {
      let own = try? await toolbox.kubectl().contextNamespace()
      return [own].compactMap { $0 } + toolbox.knownNamespaces(toolbox.target)
    }
  }
}

extension EngineError {
  /// Whether the cluster refused because of who asks.
  package var isForbidden: Bool { kind == .unauthorized }
}

/// What was found of a kind, and where it could be read.
package struct Readable<Object: Sendable>: Sendable {
  package var items: [Object] = []
  /// The namespaces that were read; nil for all of them at once.
  package var places: [String?] = []
  package var refusals: [ReadingRefusal] = []
}

/// A list that the cluster refused.
package struct ReadingRefusal: Sendable, Equatable {
  /// The resource in plural: `pods`.
  package var resource: String
  /// The namespace; nil for all of them at once.
  package var namespace: String?
  /// The cluster's own words.
  package var error: EngineError
}

/// Reads lists wherever that is allowed. What is Forbidden in fact counts, whatever a review of the rights would say.
package final class NamespaceSearch: Sendable {
  private let api: any KubernetesAPI
  private let choice: NamespaceChoice
  /// Found out once, by whoever needs it first.
  private let candidates = Lock<Task<[String], Never>?>(nil)

  package init(_ api: any KubernetesAPI, _ choice: NamespaceChoice) { (self.api, self.choice) = (api, choice) }

  private func names() async -> [String] {
    let choice = choice
    return await candidates.withLock { task in
      if let task { return task }
      let new = Task { await choice.candidates() }
      task = new
      return new
    }.value
  }

  /// Lists a kind: in all namespaces, else in each that may be read.
  ///
  /// - Parameters:
  ///   - only: the one namespace that is wanted; nil for all.
  ///   - path: the list's path with its query, of a namespace or of all.
  /// - Throws: `EngineError` when the cluster does not answer. A kind that it does not know is an empty list.
  package func find<Object: ScannedObject>(
    _ kind: Object.Type, resource: String, only: String? = nil, timeout: Duration = .seconds(20),
    path: @escaping @Sendable (String?) -> String
  ) async throws -> Readable<Object> {
    var found = Readable<Object>()
    do {
      found.items = try await list(path(only), timeout)
      found.places = [only]
      return found
    } catch let error as EngineError where error.isForbidden {
      found.refusals.append(ReadingRefusal(resource: resource, namespace: only, error: error))
    }
    guard only == nil else { return found }
    let names = await names()
    try await withThrowingTaskGroup(of: (Int, Result<[Object], EngineError>).self) { group in
      for (index, name) in names.enumerated() {
        group.addTask {
          do { return (index, .success(try await self.list(path(name), timeout))) } catch let error as EngineError
            where error.isForbidden
          { return (index, .failure(error)) }
        }
      }
      var results: [(index: Int, Result<[Object], EngineError>)] = []
      for try await result in group { results.append(result) }
      for (index, result) in results.sorted(by: { $0.index < $1.index }) {
        switch result {
        case .success(let items):
          found.items += items
          found.places.append(names[index])
        case .failure(let error):
          found.refusals.append(ReadingRefusal(resource: resource, namespace: names[index], error: error))
        }
      }
    }
    return found
  }

  private func list<Object: ScannedObject>(_ path: String, _ timeout: Duration) async throws -> [Object] {
    do {
      return try ScannedList<Object>(await api.get(path, timeout: timeout)).items
    } catch let error as EngineError where error.kind == .notFound {
      return []
    }
  }
}
