/// Why the result of a job is unknown.
package enum UnknownEnd: String, Sendable, Equatable, CaseIterable {
  /// It was running when last seen, and had ended when deskrun watched again.
  case notWatched
  /// Its runner was deleted before deskrun could request its log.
  case runnerGone
  /// Its pod was deleted before any of its log could be read.
  case podDeleted
  /// The part of its log that could be read does not contain the line with the result.
  case noResult
  /// The cluster refused access to the log, or did not respond until the job had ended.
  case logUnreadable
  /// More jobs were running than the number of logs followed at the same time.
  case tooManyLogs

  /// The reason, for a list of jobs.
  package var words: String {
    switch self {
    case .notWatched: "it ended while deskrun was not watching"
    case .runnerGone: "its runner was gone before its log could be read"
    case .podDeleted: "its pod was deleted before its log could be read"
    case .noResult: "no result in what could be read of its log"
    case .logUnreadable: "its log could not be read"
    case .tooManyLogs: "more jobs were running than logs can be followed"
    }
  }
}
