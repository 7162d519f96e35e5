import Installations

extension ClusterPlace {
  /// The clusters that a job may have run on that was recorded with this place.
  ///
  /// Earlier versions recorded only the context. Without a kubeconfig, the job is of kubectl's default one if that is in
  /// use, since its jobs are still recorded so, and otherwise of any cluster with a context of this name.
  ///
  /// - Parameter known: the clusters in use.
  package func candidates(among known: Set<ClusterPlace>) -> [ClusterPlace] {
    if kubeconfig != nil || known.contains(self) { return [self] }
    let named = known.filter { $0.context == context }.sorted()
    return named.isEmpty ? [self] : named
  }
}

extension JobRecord {
  /// Whether it ran in this cluster as far as is recorded.
  ///
  /// - Parameter known: the clusters in use.
  package func mayBe(in cluster: ClusterPlace, among known: Set<ClusterPlace>) -> Bool {
    place.map { $0.candidates(among: known).contains(cluster) } ?? true
  }

  /// Whether it is recorded in which cluster it ran.
  ///
  /// - Parameter known: the clusters in use.
  package func isPlaced(among known: Set<ClusterPlace>) -> Bool {
    place.map { $0.candidates(among: known).count == 1 } ?? false
  }
}
