import Engine

/// What follows from what is known.
extension Model {
  package var configuration: Configuration { knowledge.configuration }
  package var hasConfiguration: Bool { knowledge.hasConfiguration }
  package var observation: ClusterObservation? { knowledge.observation }
  package var snapshot: Snapshot? { knowledge.judgedSnapshot }
  package var statuses: [InstallationStatus] { knowledge.statuses }
  package var jobs: JobLog { knowledge.jobs }
  /// What is wrong now, the worst first.
  package var findings: [Finding] {
    // A welcome says what is missing; a finding would say it twice.
    isEmpty ? [] : toldFindings.completed
  }

  /// Whether what is shown is what the cluster says now.
  package var isFresh: Bool { knowledge.isFresh }

  /// Whether there is nothing at all yet, so that the screen says how to begin.
  package var isEmpty: Bool {
    hasConfiguration && knowledge.configurationProblem == nil && configuration.all.isEmpty
      && configuration.unreadable.isEmpty && statuses.isEmpty
      && !activities.contains { !$0.isOver }
  }

  /// What is said below the installations: what comes next where there are only others' scale sets, and what cannot be
  /// seen.
  package var installationNotes: [(text: String, isWarning: Bool)] {
    var notes: [(text: String, isWarning: Bool)] = []
    if !statuses.isEmpty, hasConfiguration, configuration.installations.isEmpty, statuses.allSatisfy(\.isForeign) {
      notes.append(("No installation of yours on \(settings.context). Press a to add one.", false))
    }
    if let limits = snapshot?.limits { notes.append(("Not shown: \(limits.sentence)", true)) }
    return notes
  }

  /// Has the events watched where scale sets are, or no more.
  package mutating func watchEvents(_ isOn: Bool) {
    let wanted = isOn ? snapshot?.eventNamespaces ?? [ClusterTarget.namespace] : nil
    guard wanted != eventNamespaces else { return }
    eventNamespaces = wanted
    ask(.watchEvents(wanted))
  }

  /// The pane that has the focus.
  package var focusedPane: any Pane { pane(in: focus) }
  /// The tab that is shown, whether it has the focus or not.
  package var shownTab: any Pane { panes[tab] }

  func pane(in place: Place) -> any Pane {
    switch place {
    case .first: panes.first
    case .second: panes.second
    case .bottom: shownTab
    }
  }

  /// The installation that commands are meant for.
  package var subject: InstallationStatus? { focusedPane.subject(self) }

  /// The installation a scale set belongs to.
  package func status(ofScaleSet name: String) -> InstallationStatus? {
    statuses.owner(ofScaleSet: name)
  }

  package func host(ofScaleSet name: String) -> String {
    status(ofScaleSet: name)?.host ?? "github.com"
  }

  /// The jobs that wait, of the installation the runners are narrowed to or of all.
  package var queueSentence: String? {
    let sets = scopeSets ?? Set(statuses.flatMap { $0.scaleSets.map(\.id) })
    let sentences = sets.sorted().compactMap { set -> String? in
      guard let words = knowledge.queues[set]?.sentence(busy: snapshot?.counts[set]?.busy ?? 0, now: now) else {
        return nil
      }
      return sets.count > 1 ? "\(set): \(words)" : words
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
  }

  /// How many jobs of an installation wait.
  package func waiting(_ status: InstallationStatus) -> Int {
    status.scaleSets.reduce(0) { $0 + (knowledge.queues[$1.id]?.waiting ?? 0) }
  }

  /// The scale sets the runners are narrowed to.
  package var scopeSets: Set<String>? {
    scope.flatMap { scope in statuses.first { $0.name == scope } }?.scaleSetNames
  }

  /// All runners together.
  package var totals: RunnerStateCounts {
    statuses.reduce(into: RunnerStateCounts()) { sum, status in
      sum.idle += status.counts.idle
      sum.busy += status.counts.busy
      sum.starting += status.counts.starting
      sum.failing += status.counts.failing
      sum.finishing += status.counts.finishing
    }
  }

  /// The plan that changes an installation now.
  package func activity(of installation: String) -> Activity? {
    activities.last { !$0.isOver && $0.request.installation == installation }
  }

  /// The keys that hold now, the most particular first.
  package var keymaps: [Keymap] {
    if let overlay = overlays.last { return overlay.content.keymaps }
    return [Keymap(focusedPane.title, focusedPane.bindings), .anywhere]
  }

  /// Whether the terminal is asked to report the mouse: in text its own selection is worth more.
  package var wantsMouse: Bool {
    settings.usesMouse && (overlays.last?.content.wantsMouse ?? focusedPane.wantsMouse)
  }
}
