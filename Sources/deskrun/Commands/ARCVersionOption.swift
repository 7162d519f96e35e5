import ArgumentParser
import CommandSession
import Engine

/// The version of ARC that a command deploys.
struct ARCVersionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The version of ARC to deploy. Default: the controller's, on a cluster without one \(SupportedARC.newest).",
      discussion: "One of \(SupportedARC.words), or another patch release of these. A cluster keeps its minor version "
        + "until `deskrun upgrade`.", valueName: "version"))
  var arcVersion: String?

  /// The version that was named, or nil.
  ///
  /// - Throws: `EngineError` of kind `invalid` for one that deskrun does not work with.
  var release: ARCRelease? {
    get throws(EngineError) {
      guard let arcVersion else { return nil }
      return try SupportedARC.named(arcVersion)
    }
  }
}
