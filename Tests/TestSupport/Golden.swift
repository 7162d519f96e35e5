import Foundation
import Testing

/// Compares a text with a recorded one under `Fixtures`. `RECORD_SNAPSHOTS=1` writes it instead, for an intended
/// change.
public func expectGolden(
  _ text: String, _ name: String, file: StaticString = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let url = fixtureURL(name)
  if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }
  let recorded = try String(decoding: Data(contentsOf: url), as: UTF8.self)
  #expect(text == recorded, "differs from \(name)", sourceLocation: sourceLocation)
}

/// A file under `Tests/EngineTests/Fixtures`.
public func fixtureURL(_ name: String) -> URL {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("EngineTests/Fixtures").appendingPathComponent(name)
}

/// The bytes of a file under `Tests/EngineTests/Fixtures`.
public func fixture(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: fixtureURL(name))) }
