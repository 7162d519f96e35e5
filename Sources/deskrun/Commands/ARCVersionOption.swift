import ArgumentParser
import CommandSession
import Engine

/// The ARC version for a command to deploy.
struct ARCVersionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The version of ARC to deploy. Default: the controller's, on a cluster without one \(SupportedARC.newest).",
      discussion: "One of \(SupportedARC.words), or another patch release of these. A cluster keeps its minor version "
        + "until `deskrun upgrade`.", valueName: "version"))
  var arcVersion: String?

  /// The specified version, or nil.
  ///
  /// - Throws: `EngineError` of kind `invalid` if deskrun does not support it.
  var release: ARCRelease? {
    get throws(EngineError) {
      guard let arcVersion else { return nil }
      return try SupportedARC.named(arcVersion)
    }
  }
}
