import ArgumentParser
import CommandSession
import Engine

/// The name of an existing installation, completed from the configuration file.
struct InstallationArgument: ParsableArguments {
  @Argument(help: "The installation's name.", completion: Completions.installationNames)
  var name: String
}

/// How an installation's jobs get their containers, shared by `add`, `edit` and `adopt`. Apart from the other properties,
/// as help has the runner counts between them.
struct ModeOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "How jobs get their containers.",
      discussion: """
        kubernetes: job containers are pods of their own. A new installation has this.
        cached-privileged-kubernetes: privileged pods with host caches, for Nix, systemd and nested Docker.
        dind: a Docker daemon beside each runner.
        """, valueName: "mode"))
  var mode: ContainerMode?
}

/// The properties of an installation besides its mode and its runner counts, shared by `add`, `edit` and `adopt`. All are
/// optional: `add` uses defaults, `edit` keeps what is not specified.
///
/// No group is in another one: at every start, a debug build of the argument parser validates a nested group several
/// times for each validation of its parent.
struct InstallationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Number of scale sets, NAME-1 to NAME-N, each with one runner and its own caches.", valueName: "count"))
  var instances: Int?

  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp(
      "A directory that jobs keep on the host: TARGET or SOURCE:TARGET.",
      discussion: "Can be repeated, or hold several with commas between them.", valueName: "path"))
  var caches: [String] = []

  @Option(
    name: .customLong("mount"),
    help: ArgumentHelp(
      "A host path that runners see: SOURCE:TARGET[:TYPE].",
      discussion: "TYPE is DirectoryOrCreate (the default), Directory or Socket. Can be repeated.",
      valueName: "mount"))
  var mounts: [String] = []

  @Option(help: ArgumentHelp("The runner's image. Default: \(ARCCharts.defaultRunnerImage).", valueName: "image"))
  var image: String?

  @Option(
    name: .customLong("label"),
    help: ArgumentHelp(
      "A further label that workflows can name in runs-on. Can be repeated.", valueName: "label"))
  var labels: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file of Helm values to merge, or a part of one: FILE#spec.values.",
      discussion: "Can be repeated; a later file counts before an earlier one.", valueName: "file"),
    completion: .file())
  var values: [String] = []

  /// The individual cache paths: the option is split at commas, as in the earlier program.
  var cachePaths: [String] { Self.split(caches) }
  /// The individual labels.
  var allLabels: [String] { Self.split(labels) }

  /// Splits lists at commas. A value without items becomes an empty item, so that it is rejected.
  private static func split(_ values: [String]) -> [String] {
    values.flatMap { value in
      let items = value.split(separator: ",").map(String.init)
      return items.isEmpty ? [""] : items
    }
  }
}

extension InstallationOptions {
  /// The validated parts; nil if not specified.
  struct Parts: Sendable, Equatable {
    var caches: [CachePath]?
    var mounts: [Mount]?
    var labels: [String]?
  }

  /// Validates the paths.
  ///
  /// - Throws: `EngineError` of kind `invalid` for the first invalid one.
  func parts(home: String?) throws(EngineError) -> Parts {
    var parts = Parts()
    try Self.refuseEmpty(cachePaths, "--cache", emptying: "--no-caches")
    try Self.refuseEmpty(mounts, "--mount", emptying: "--no-mounts")
    try Self.refuseEmpty(allLabels, "--label", emptying: "--no-labels")
    try Self.refuseEmpty(values, "--values", emptying: "--no-values")
    if !caches.isEmpty {
      var paths: [CachePath] = []
      for text in cachePaths { paths.append(try CachePath(text, home: home)) }
      parts.caches = paths
    }
    if !mounts.isEmpty {
      var all: [Mount] = []
      for text in mounts { all.append(try Mount(text, home: home)) }
      parts.mounts = all
    }
    if !labels.isEmpty { parts.labels = allLabels }
    return parts
  }

  private static func refuseEmpty(_ texts: [String], _ option: String, emptying: String) throws(EngineError) {
    guard texts.contains(where: { $0.allSatisfy(\.isWhitespace) }) else { return }
    throw EngineError(
      .invalid, "\(option) is empty", why: "An empty value was given, as by a shell variable that is not set",
      fix: "Give a value or leave \(option) out; `deskrun edit` removes what is set with \(emptying)")
  }

  /// The values files with absolute paths, if any are specified.
  ///
  /// - Throws: `EngineError` of kind `invalid` if one cannot be read or is not a values file.
  func valuesFiles() throws -> [String]? {
    guard !values.isEmpty else { return nil }
    return try values.map { text in
      let path = try Session.absolute(text)
      return try ValuesFile.read(ValuesReference(path)).reference.text
    }
  }
}

extension ContainerMode: ExpressibleByArgument {}
