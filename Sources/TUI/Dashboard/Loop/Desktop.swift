import Engine
import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Opens links on the reader's desktop.
enum Browser {
  /// - Returns: a sentence about what was done.
  /// - Throws: `EngineError` with the link if no browser can be started here.
  package static func open(_ link: String, environment: [String: String]) async throws -> String {
    guard link.hasPrefix("https://") else { throw EngineError(.invalid, "Not a link that is opened: \(link)") }
    #if canImport(Darwin)
    let names = ["open"]
    #else
    let hasDesktop = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
    let names = hasDesktop ? ["xdg-open"] : []
    #endif
    let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    for name in names {
      for folder in folders where access("\(folder)/\(name)", X_OK) == 0 {
        _ = try await SystemToolRunner().run(
          ToolCall("\(folder)/\(name)", [link], environment: environment, timeout: .seconds(20)))
        return "Opened \(link)"
      }
    }
    return "No browser here; the link: \(link)"
  }
}

/// Completions for the path being typed.
enum PathCompletion {
  /// At most a few, folders with a trailing slash; nothing in folders that cannot be read.
  package static func paths(_ text: String, home: String, folder: String) -> [String] {
    let slash = text.lastIndex(of: "/")
    let base = slash.map { String(text[...$0]) } ?? ""
    let start = slash.map { text[text.index(after: $0)...] } ?? text[...]
    var place = base
    if place.hasPrefix("~/") { place = home + place.dropFirst() }
    if !place.hasPrefix("/") { place = folder + "/" + place }
    guard let stream = opendir(place) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream), found.count < 2000 {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(start), name != ".", name != "..", start.hasPrefix(".") || !name.hasPrefix("."),
        name == SafeText.line(name)
      else { continue }
      var info = stat()
      let isFolder = stat(place + name, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
      found.append(base + name + (isFolder ? "/" : ""))
    }
    found.sort()
    return found == [text] ? [] : Array(found.prefix(20))
  }
}

/// Files that the reader saves, and small files of deskrun.
enum TextFile {
  /// Writes a new file, never overwriting another one.
  package static func write(_ text: String, to path: String) -> Result<String, EngineError> {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      return .failure(
        EngineError(
          .failed, "\(SafeText.line(path)) was not written",
          why: code == EEXIST ? "there is a file of that name; choose another" : String(cString: strerror(code))))
    }
    defer { close(descriptor) }
    return TerminalOutput.write(Array(text.utf8), to: descriptor)
      ? .success(SafeText.line(path)) : .failure(EngineError(.failed, "\(SafeText.line(path)) was not written whole"))
  }

  /// Replaces a small file of deskrun, or the target if it is a link; a failure does no harm. Anything but a regular
  /// file is left unchanged.
  package static func keep(_ bytes: [UInt8], at path: String) {
    let file = FileIO.resolved(path)
    do throws(FileIO.Failure) {
      _ = try FileIO.read(file)
      try FileIO.replace(file, with: bytes)
    } catch {}
  }

  /// Reads a small file of deskrun.
  package static func read(_ path: String) -> [UInt8]? { (try? FileIO.read(path, limit: 64 << 10)) ?? nil }
}
