import ARC

/// One scale set of an installation: the installation itself, or one of its instances.
package struct ScaleSetSpec: Sendable, Equatable {
  /// The scale set's name: Helm release and `runs-on` label.
  package var name: String
  /// The minimum and maximum number of its runners.
  package var runners: RunnerCounts
}

extension Installation {
  /// Its scale sets: one with its own name, or NAME-1 to NAME-N with one runner each.
  package var scaleSets: [ScaleSetSpec] {
    guard instances > 1 else { return [ScaleSetSpec(name: name.plain, runners: runners)] }
    return (1...instances).map { ScaleSetSpec(name: "\(name.plain)-\($0)", runners: .one) }
  }
}
