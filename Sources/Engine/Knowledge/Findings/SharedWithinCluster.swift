import ARC
import Basics
import Installations

/// Scale sets that two namespaces of one cluster have under one name, for the same GitHub URL and runner group.
extension SharedScaleSets {
  private struct Sharing {
    var status: InstallationStatus
    var set: ScaleSet

    var renaming: String {
      switch status.manager {
      case nil: "remove \(status.name) and add it again under the other name"
      case .unknown?: "rename \(SafeText.line(set.id)) with the tool that deployed it"
      case .some(let manager): "rename \(SafeText.line(set.id)), which \(manager.words) deployed"
      }
    }
  }

  /// One finding for each installation, and each scale set of others, whose name another namespace has, too.
  package static func within(_ statuses: [InstallationStatus]) -> [Finding] {
    var places: [Identity: [Sharing]] = [:]
    for status in statuses where !status.isTerminating {
      for set in status.scaleSets where !set.githubURL.isEmpty {
        places[Identity(set), default: []].append(Sharing(status: status, set: set))
      }
    }
    let found = places.values.filter { $0.count > 1 }.flatMap { sharing in
      sharing.compactMap { own -> Finding? in
        let others = sharing.filter { $0.set.metadata.namespace != own.set.metadata.namespace }
        guard let first = others.first else { return nil }
        return finding(own, others, first)
      }
    }
    // With several instances, its scale sets all meet others.
    return found.sorted { $0.title < $1.title }.reduce(into: []) { merged, next in
      guard let at = merged.firstIndex(where: { $0.id == next.id }) else { return merged.append(next) }
      merged[at].evidence += next.evidence.filter { !merged[at].evidence.contains($0) }
    }
  }

  private static func finding(_ own: Sharing, _ others: [Sharing], _ first: Sharing) -> Finding {
    let there = Set(others.map { SafeText.line($0.set.metadata.namespace) }).sorted().joined(separator: ", ")
    var finding = Finding(
      .listenerConflict, own.status.name, .bad,
      "\(own.status.name): the namespace \(there) has a scale set of that name for the same GitHub URL",
      evidence: ([own] + others).map {
        "scale set \($0.set.id), \($0.set.githubURL), runner group \($0.set.group ?? "default"), "
          + "deployed by \($0.status.manager.map(\.words) ?? "this deskrun")"
      } + [oneSession],
      remedy: "Use another name for one of them: \(own.renaming), or \(first.renaming)"
        + keepingTheName(of: own.set, [own.status, first.status]))
    finding.isForeign = own.status.isForeign
    return finding
  }
}
