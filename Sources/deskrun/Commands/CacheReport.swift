import CommandOutput
import Engine

/// The output of `deskrun cache list`. Its JSON is documented in docs/output.md.
enum CacheReport {
  /// What this user may not read, and how to see it all; nil if everything was read.
  ///
  /// - Parameter root: the folder of caches, named instead if there are more directories than fit on a line.
  static func warning(_ directories: [CacheDirectory], hidden: [String], root: String) -> String? {
    let unreadable = hidden + directories.compactMap(\.unreadable)
    guard let first = unreadable.first else { return nil }
    let more = unreadable.count > 1 ? " and \(unreadable.count - 1) more" : ""
    let sizes = directories.contains(where: \.isPartial) ? " Sizes with + are only what could be read." : ""
    return "\(first)\(more) may not be read by this user: jobs wrote there as another.\(sizes) "
      + "All of it: sudo du -sh \(ToolCall.quoted(unreadable.count > 8 ? [root] : unreadable))"
  }

  static func listing(_ directories: [CacheDirectory], hidden: [String] = [], root: String) -> Listing {
    var table = Table([
      .init("SCALE SET", minimum: 16), .init("TARGET", minimum: 10, leavesAt: 1), .init("SIZE", .trailing),
      .init("USED BY", minimum: 10, leavesAt: 2), .init("PATH", below: ""),
    ])
    for directory in directories {
      table.add([
        .init(directory.scaleSet, .strong), .init(directory.target ?? "-"),
        .init(BytesText.short(directory.bytes) + (directory.isPartial ? "+" : "")),
        directory.installation.map { .init($0.description) } ?? .init("nobody", .faint), .init(directory.path),
      ])
    }
    return Listing(
      table: table,
      document: [
        "root": .string(root),
        "unreadable": .array((hidden + directories.compactMap(\.unreadable)).map { .string($0) }),
        "caches": .array(
          directories.map { directory in
            [
              "scaleSet": .string(directory.scaleSet), "index": .int(directory.index),
              "path": .string(directory.path), "target": directory.target.map(JSONValue.string) ?? .null,
              "installation": directory.installation.map { .string($0.description) } ?? .null,
              "bytes": .int(Int(directory.bytes)), "isPartial": .bool(directory.isPartial),
            ]
          }),
      ],
      names: directories.map(\.path),
      whenEmpty: hidden.isEmpty ? "No caches found in \(root)." : "No caches in \(root) can be read.")
  }
}
