import CommandOutput
import Engine

/// What `deskrun cache list` writes. Its JSON is documented in docs/output.md.
enum CacheReport {
  static func listing(_ directories: [CacheDirectory], root: String) -> Listing {
    var table = Table([
      .init("SCALE SET"), .init("TARGET"), .init("SIZE", .trailing), .init("USED BY"), .init("PATH"),
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
      names: directories.map(\.path), whenEmpty: "There are no caches in \(root).")
  }
}
