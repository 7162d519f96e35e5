import ARC
import Basics
import Kubernetes
import Tools

/// Which of the jobs that ran when they were last seen still do.
package enum RunningJobs {
  /// Seconds that the cluster is given to answer.
  private static let patience: Duration = .seconds(3)

  /// The jobs that run now, as the objects of their runners tell; nil when the cluster cannot be asked.
  package static func read(_ toolbox: Toolbox) async -> [JobRecord]? {
    guard let api = try? toolbox.api() else { return nil }
    let path = "/apis/actions.github.com/v1alpha1/namespaces/\(ClusterTarget.namespace)/ephemeralrunners"
    do {
      let runners = try ScannedList<EphemeralRunner>(try await api.get(path, timeout: patience)).items
      return runners.compactMap { runner in
        guard let job = RunnerState(runner, pod: nil).job else { return nil }
        var record = JobRecord(
          runner: runner.metadata.name, scaleSet: runner.metadata.scaleSet ?? "", job: job, result: .running)
        record.context = toolbox.target.context
        return record
      }
    } catch let error as EngineError where error.kind == .notFound {
      // Without ARC there are no runners.
      return []
    } catch {
      return nil
    }
  }

  /// The scale sets in the cluster; nil when it cannot be asked.
  package static func scaleSets(_ toolbox: Toolbox) async -> [ScaleSet]? {
    guard let api = try? toolbox.api() else { return nil }
    return try? await SnapshotReader(api: api).scaleSets(timeout: patience)
  }

  /// How jobs ended whose runners are gone, as their logs tell where they were kept.
  package static func ended(_ targets: [LogRecorder.Target], _ archive: LogArchive) -> [String: Ending] {
    var endings = Dictionary(targets.map { ($0.runner, Ending()) }, uniquingKeysWith: { first, _ in first })
    for case (let target, .ended(let word, let time)) in archive.marks(of: targets) {
      endings[target.runner] = Ending(result: JobResult(word: word), finished: time)
    }
    return endings
  }

  /// How a job ended, and when, as far as it is known.
  package struct Ending: Sendable, Equatable {
    package var result = JobResult.unknown
    /// Seconds since 1970.
    package var finished: Int64?
  }
}
