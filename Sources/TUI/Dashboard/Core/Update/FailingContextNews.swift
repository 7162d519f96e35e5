import Engine

/// Installations whose own context fails are shown, and changed, through another context of the same cluster until
/// theirs answers again.
extension Model {
  /// - Returns: whether installations are now shown through another context than before.
  mutating func noteFailingContexts() -> Bool {
    guard clusters.count > 1, let whole else { return false }
    // This is called on every event; what the contexts lead to changes rarely.
    let answers = clusters.map { FailingContexts.Answer($0.knowledge) }
    guard answers != answersOfContexts else { return false }
    answersOfContexts = answers
    let now = FailingContexts(
      clusters.map { FailingContexts.Place($0.target, label: $0.label) }, answers, whole)
    guard now != failing else { return false }
    let isMoved = now.standIns != failing.standIns
    failing = now
    guard isMoved else { return false }
    let before = placesOfInstallations
    for at in clusters.indices {
      ask(.use(now.standIns), on: at)
      learn(.configuration(.success(now.configuration(whole, on: clusters[at].target))), of: at)
    }
    joined.join(clusters, failing, whole)
    for (name, place) in placesOfInstallations { follow(name, from: before[name] ?? place, to: place) }
    // The history of an installation is that of both contexts.
    ask(.loadHistory)
    return true
  }

  /// The cluster that shows each installation.
  private var placesOfInstallations: [String: Int] {
    Dictionary(
      statuses.compactMap { status in status.value.installation.map { _ in (status.value.name, status.cluster) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Keeps an installation selected, and its form open, when another context shows it.
  private mutating func follow(_ name: String, from former: Int, to cluster: Int) {
    guard former != cluster else { return }
    if scope == InstallationScope(cluster: former, name: name) { scope?.cluster = cluster }
    if self[table: panes.first.id].key == key(name, in: former) {
      self[table: panes.first.id].key = key(name, in: cluster)
    }
    for at in overlays.indices {
      guard case .form(var form) = overlays[at], form.original?.name.description == name, form.cluster == former else {
        continue
      }
      form.cluster = cluster
      overlays[at] = .form(form)
    }
  }
}
