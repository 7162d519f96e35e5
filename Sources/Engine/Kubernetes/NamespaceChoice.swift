import Basics
import Tools

/// The namespaces to observe.
package struct NamespaceChoice: Sendable {
  /// The only namespace, as requested by the user; nil for all that can be read.
  package var only: String?
  /// Returns the namespaces to try if not all can be read.
  private let others: @Sendable () async -> [String]

  /// - Parameter others: namespaces to try in addition to deskrun's own.
  package init(only: String? = nil, others: @escaping @Sendable () async -> [String] = { [] }) {
    (self.only, self.others) = (only, others)
  }

  /// The namespaces to try individually if listing all namespaces is forbidden.
  package func candidates() async -> [String] {
    var found: [String] = only.map { [$0] } ?? []
    for name in await others() + [ClusterTarget.namespace] where !name.isEmpty && !found.contains(name) {
      found.append(name)
    }
    return found
  }
}

extension Toolbox {
  /// The namespaces to observe: the only one if restricted; otherwise, if not all can be read, that of the kubeconfig's
  /// context and those used by the configuration.
  package var places: NamespaceChoice {
    let toolbox = self
    return NamespaceChoice(only: narrowedTo) {
      let own = try? await toolbox.kubectl().contextNamespace()
      return [own].compactMap { $0 } + toolbox.knownNamespaces(toolbox.target)
    }
  }
}

extension EngineError {
  /// Whether the cluster denied the request because of the credentials.
  package var isForbidden: Bool { kind == .unauthorized }
}

/// The objects of a kind that could be read, and where.
package struct Readable<Object: Sendable>: Sendable {
  package var items: [Object] = []
  /// The namespaces that were read; nil for all in one list.
  package var places: [String?] = []
  package var refusals: [ReadingRefusal] = []
}

/// A list that the cluster denied.
package struct ReadingRefusal: Sendable, Equatable {
  /// The resource's plural name: `pods`.
  package var resource: String
  /// The namespace; nil for all in one list.
  package var namespace: String?
  /// The cluster's message.
  package var error: EngineError
}

/// Reads lists wherever permitted. Only an actual Forbidden response counts, whatever an access review would return.
package final class NamespaceSearch: Sendable {
  private let api: any KubernetesAPI
  private let choice: NamespaceChoice
  /// Determined once, by the first caller that needs it.
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

  /// Lists a kind: in all namespaces, or else in each that can be read.
  ///
  /// - Parameters:
  ///   - only: the only namespace requested; nil for all.
  ///   - path: the list's path with query, for a namespace or for all.
  /// - Throws: `EngineError` if the cluster does not respond. An unknown kind is an empty list.
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
