import Engine

extension Message {
  /// Completes the commands in the message's texts with the user's options, ready to copy. This is the only place where
  /// the dashboard does this for texts of the engine, except for findings, which the model completes.
  func completed(by invocation: Invocation) -> Message {
    func done<T>(_ result: Result<T, EngineError>) -> Result<T, EngineError> {
      result.mapError { invocation.completing($0) }
    }
    switch self {
    case .of(let cluster, let message): return .of(cluster: cluster, message.completed(by: invocation))
    case .configuration(let result): return .configuration(done(result))
    case .observed(var observation):
      observation.cluster = invocation.completing(observation.cluster)
      return .observed(observation)
    case .checked(let checks): return .checked(checks.map { invocation.completing($0) })
    case .log(let request, .failed(let error)): return .log(request: request, .failed(invocation.completing(error)))
    case .document(let request, let result): return .document(request: request, done(result))
    case .preview(let request, let result):
      return .preview(
        request: request,
        done(result).map { preview in
          var preview = preview
          preview.warnings = preview.warnings.map(invocation.text)
          return preview
        })
    case .credential(let request, let result): return .credential(request: request, done(result))
    case .activityAsks(let activity, var asked):
      asked.notes = asked.notes.map(invocation.text)
      return .activityAsks(activity: activity, asked)
    case .planned(let activity, let plan): return .planned(activity: activity, invocation.completing(plan))
    case .planEvent(let activity, let event): return .planEvent(activity: activity, invocation.completing(event))
    case .activityEnded(let activity, let error):
      return .activityEnded(activity: activity, error.map { invocation.completing($0) })
    case .saved(let result): return .saved(done(result))
    case .notKept(let error): return .notKept(invocation.completing(error))
    case .opened(let result): return .opened(done(result))
    case .shellEnded(let error): return .shellEnded(error.map { invocation.completing($0) })
    default: return self
    }
  }
}
