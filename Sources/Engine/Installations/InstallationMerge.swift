import ARC
import Basics
import Tools

/// Merges two concurrent changes of an installation: each field gets the value of the change that affects it. A field
/// changed by both in different ways is a conflict, which only the user can resolve.
package enum InstallationMerge {
  /// The installation with both changes.
  ///
  /// - Parameters:
  ///   - base: the common ancestor.
  ///   - mine: the change to make now.
  ///   - theirs: the current installation.
  /// - Throws: `EngineError` of kind `invalid` that names each conflicting field with both values and the command that
  ///   sets it anyway, or why the changes are incompatible.
  package static func merge(
    base: Installation, mine: Installation, theirs: Installation
  ) throws(EngineError) -> Installation {
    guard base != theirs else { return mine }
    var merge = Merge(base: base, mine: mine, theirs: theirs, merged: theirs)
    merge.field(\.target, "repository", { $0.url }, { ["--repository", $0.url] })
    merge.field(\.mode, "mode", { $0.rawValue }, { ["--mode", $0.rawValue] })
    merge.field(\.instances, "instances", { String($0) }, { ["--instances", String($0)] })
    // Several instances have a count of one each, which nobody chose.
    var (minimum, maximum) = (theirs.runners.minimum, theirs.runners.maximum)
    if mine.instances == 1 {
      minimum = merge.choose(
        (base.runners.minimum, mine.runners.minimum, minimum), "min runners", { String($0) },
        { ["--min-runners", String($0)] })
      maximum = merge.choose(
        (base.runners.maximum, mine.runners.maximum, maximum), "max runners", { String($0) },
        { ["--max-runners", String($0)] })
    }
    merge.field(
      \.caches, "caches", list(InstallationDifference.describe),
      options("--cache", none: "--no-caches", InstallationDifference.describe))
    merge.field(
      \.mounts, "mounts", list(InstallationDifference.describe),
      options("--mount", none: "--no-mounts", InstallationDifference.describe))
    merge.field(\.labels, "labels", list { $0 }, options("--label", none: "--no-labels") { $0 })
    merge.field(\.image, "image", { $0 ?? "the default" }, { $0.map { ["--image", $0] } ?? ["--no-image"] })
    merge.field(\.valuesFiles, "values files", list { $0 }, options("--values", none: "--no-values") { $0 })
    merge.settings()
    merge.field(\.authentication, "credentials", { _ in "others" }, { _ in ["--auth-value", "…"] })
    merge.refuseCountsOfInstances()
    if let conflict = merge.conflict { throw conflict }
    do throws(EngineError) {
      return try merge.merged.with(
        runners: merge.merged.instances > 1 ? .one : RunnerCounts(minimum: minimum, maximum: maximum))
    } catch {
      let changes = InstallationDifference.list(from: base, to: theirs).joined(separator: "; ")
      throw EngineError(
        .invalid, "\(mine.name) was changed meanwhile, and the two changes conflict: \(error.what)",
        why: "Changed meanwhile: \(changes)", fix: error.fix)
    }
  }

  private static func list<Item>(_ text: @escaping (Item) -> String) -> ([Item]) -> String {
    { $0.isEmpty ? "none" : $0.map(text).joined(separator: ", ") }
  }

  private static func options<Item>(
    _ option: String, none: String, _ text: @escaping (Item) -> String
  ) -> ([Item]) -> [String] {
    { $0.isEmpty ? [none] : $0.flatMap { [option, text($0)] } }
  }
}

/// The state of a merge.
private struct Merge {
  package let base: Installation
  package let mine: Installation
  package let theirs: Installation
  package var merged: Installation
  /// A sentence for each conflicting field.
  private var conflicts: [String] = []
  /// The options that set these fields to the requested values.
  private var options: [String] = []

  package init(base: Installation, mine: Installation, theirs: Installation, merged: Installation) {
    self.base = base
    self.mine = mine
    self.theirs = theirs
    self.merged = merged
  }

  package mutating func field<Value: Equatable>(
    _ path: WritableKeyPath<Installation, Value>, _ title: String, _ text: (Value) -> String,
    _ option: (Value) -> [String]
  ) {
    merged[keyPath: path] = choose(
      (base[keyPath: path], mine[keyPath: path], theirs[keyPath: path]), title, text, option)
  }

  /// Merges each pod setting separately.
  mutating func settings() {
    func row(_ setting: PodSetting, _ settings: PodSettings) -> PodSettings.Row { settings.row(setting) }
    for setting in PodSetting.allCases {
      let chosen = choose(
        (row(setting, base.settings), row(setting, mine.settings), row(setting, theirs.settings)),
        row(setting, mine.settings).title, { $0.text }, { $0.options })
      merged.settings.set(setting, from: chosen == row(setting, mine.settings) ? mine.settings : theirs.settings)
    }
  }

  package mutating func choose<Value: Equatable>(
    _ values: (base: Value, mine: Value, theirs: Value), _ title: String, _ text: (Value) -> String,
    _ option: (Value) -> [String]
  ) -> Value {
    guard values.mine != values.base, values.mine != values.theirs else { return values.theirs }
    if values.theirs != values.base {
      let (now, before, wanted) = (text(values.theirs), text(values.base), text(values.mine))
      // Credentials have no text to show the difference.
      conflicts.append(
        now == before ? "\(title): changed by both" : "\(title): now \(now) (was \(before)), wanted \(wanted)")
      options += option(values.mine)
    }
    return values.mine
  }

  /// Counts have no effect once somebody else has configured several instances.
  mutating func refuseCountsOfInstances() {
    guard mine.instances == 1, merged.instances > 1, mine.runners != base.runners else { return }
    conflicts.append(
      "instances: now \(merged.instances) of one runner each (was 1), "
        + "wanted \(mine.runners.minimum) to \(mine.runners.maximum) runners")
    options = [
      "--instances", "1", "--min-runners", String(mine.runners.minimum), "--max-runners", String(mine.runners.maximum),
    ]
  }

  package var conflict: EngineError? {
    guard !conflicts.isEmpty else { return nil }
    return EngineError(
      .invalid, "\(mine.name) was changed meanwhile in the same fields", why: conflicts.joined(separator: "; "),
      fix: "To set it anyway: `\(ToolCall.quoted(["deskrun", "edit", mine.name.description]))"
        + options.map { " " + ($0 == "…" ? $0 : ToolCall.quoted([$0])) }.joined() + "`")
  }
}

extension Installation {
  /// The installation with other counts, validated as a whole.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the parts are incompatible.
  package func with(runners: RunnerCounts) throws(EngineError) -> Installation {
    var other = try Installation(
      name: name, target: target, mode: mode, runners: runners, caches: caches, mounts: mounts, instances: instances,
      image: image, labels: labels, authentication: authentication, settings: settings, valuesFiles: valuesFiles,
      importedValues: importedValues)
    other.place = place
    return other
  }
}
