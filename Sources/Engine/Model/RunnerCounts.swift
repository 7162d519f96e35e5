/// How many runners an installation keeps.
public struct RunnerCounts: Sendable, Equatable {
  /// Runners that wait when there is nothing to do.
  public let minimum: Int
  /// Runners there may be at once.
  public let maximum: Int

  /// One to five, as the earlier program's defaults.
  public static let standard = RunnerCounts(uncheckedMinimum: 1, maximum: 5)

  private init(uncheckedMinimum: Int, maximum: Int) {
    minimum = uncheckedMinimum
    self.maximum = maximum
  }

  /// Checks counts.
  ///
  /// - Throws: `EngineError` of kind `invalid` when one is negative, the maximum is 0 or below the minimum.
  public init(minimum: Int, maximum: Int) throws(EngineError) {
    self.init(uncheckedMinimum: minimum, maximum: maximum)
  }
}
