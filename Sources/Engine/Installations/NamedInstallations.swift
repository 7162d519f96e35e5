extension Collection<Installation> {
  /// The installation that a user means with a name: its own, `NAMESPACE/NAME` as its scale set is called, or
  /// `NAME@CONTEXT` with the context that it has now. If several have the name itself, on different clusters, the first
  /// one is meant.
  package func named(_ text: String) -> Installation? {
    first { $0.name.description == text } ?? first { $0.answers(to: text) }
  }
}

extension Configuration {
  /// The clusters of the other installations that have the name of one.
  package func placesOfOthers(named text: String) -> Set<ClusterPlace> {
    guard let meant = all.named(text) else { return [] }
    let others = all.filter { $0.name.plain == meant.name.plain && $0.name != meant.name }
    return Set(others.map { target(of: $0).place }).subtracting([target(of: meant).place])
  }
}

extension Installation {
  /// Whether a name that is no other installation's own may mean this one.
  fileprivate func answers(to text: String) -> Bool {
    if text == name.plain || text == "\(namespace)/\(name.plain)" { return true }
    let parts = text.split(separator: "@", maxSplits: 1)
    guard parts.count == 2, parts[0] == name.plain, let place else { return false }
    return parts[1] == place.context || parts[1] == InstallationName.place(ofContext: place.context)
  }
}
