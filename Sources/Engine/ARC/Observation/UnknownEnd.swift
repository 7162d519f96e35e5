/// Why nobody knows how a job ended.
package enum UnknownEnd: String, Sendable, Equatable, CaseIterable {
  /// It ran when it was last seen, and had ended when deskrun watched again.
  case notWatched
  /// Its runner was gone from the cluster before deskrun could ask for its log.
  case runnerGone
  /// Its pod was deleted before anything of its log could be read.
  case podDeleted
  /// Its log, as far as it could be read, does not have the line in which the runner says how the job ended.
  case noResult
  /// The cluster refused its log, or did not answer until the job was over.
  case logUnreadable
  /// More jobs were running than logs are followed at the same time.
  case tooManyLogs

  /// The reason in words, for a list of jobs.
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
