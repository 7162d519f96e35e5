import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Installs programs into their folder: downloads, verifies, unpacks, and moves them into place atomically, so that
/// another deskrun sees either the old or the new program, complete.
package struct ToolInstaller: Sendable {
  package let runner: any ToolRunner
  package let environment: [String: String]
  package let folder: ToolsFolder
  package let source: ToolSource

  package init(runner: any ToolRunner, environment: [String: String], folder: ToolsFolder, source: ToolSource) {
    (self.runner, self.environment, self.folder, self.source) = (runner, environment, folder, source)
  }

  /// The progress of an installation.
  package enum Progress: Sendable, Equatable {
    /// The bytes received so far, and the total if the server reports it.
    case downloading(Int64, of: Int64?)
    case verifying
    case unpacking
  }

  /// The path of a download until it is complete. Its name contains the version, so that an interrupted download of
  /// another version is never continued.
  func part(_ offer: PinnedTool) -> String { "\(folder.path)/.\(offer.tool.rawValue)-\(offer.version).part" }

  /// Installs a program.
  ///
  /// - Parameter replaced: the outdated program in PATH that this one is used instead of.
  /// - Returns: the path of the program.
  /// - Throws: `EngineError`; of kind `toolMissing` if curl or tar is missing. `CancellationError`: what was downloaded
  ///   is kept, and the next call continues.
  package func install(
    _ offer: PinnedTool, inPlaceOf replaced: String?, progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> String {
    let locks = OperationLock(directory: FileIO.split(folder.path).folder + "/locks")
    return try await locks.withLock("tools", holder: .current("deskrun setup")) {
      try await installLocked(source.offer(offer), replaced, progress)
    }
  }

  private func installLocked(
    _ offer: PinnedTool, _ replaced: String?, _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> String {
    let download = ToolDownload(
      runner: runner, environment: environment, curl: try program("curl"), scheme: source.scheme)
    try prepareFolder()
    let part = part(offer)
    let expected = try await checksum(offer, download)
    // Already complete if only a later step was interrupted.
    var found = try await digest(part)
    var isContinued = ToolDownload.size(of: part) > 0
    while found != expected {
      try await download.file(offer.url, to: part) { progress(.downloading($0, of: $1)) }
      progress(.verifying)
      found = try await digest(part)
      // The existing part may have been wrong: start over once.
      guard found != expected, isContinued else { break }
      unlink(part)
      isContinued = false
    }
    guard found == expected else {
      unlink(part)
      throw Self.mismatch(offer, expected: expected, found: found ?? "none")
    }
    let program = folder.program(offer.tool)
    var staged = part
    if let member = offer.member {
      progress(.unpacking)
      staged = try await unpack(part, member)
    }
    do throws(FileIO.Failure) {
      guard chmod(staged, 0o755) == 0 else { throw FileIO.Failure(operation: "chmod", code: errno) }
      try folder.noteReplaced(offer.tool, replaced)
      guard rename(staged, program) == 0 else { throw FileIO.Failure(operation: "rename", code: errno) }
    } catch { throw cannotWrite(error) }
    if offer.member != nil {
      unlink(part)
      _ = DirectoryRemoval.delete(part + ".unpacked")
    }
    return program
  }

  private func prepareFolder() throws(EngineError) {
    do throws(FileIO.Failure) {
      // deskrun runs these programs, so nobody else may be able to replace them.
      try FileIO.makePrivateFolder(FileIO.split(folder.path).folder)
      try FileIO.makePrivateFolder(folder.path)
    } catch { throw cannotWrite(error) }
  }

  private func cannotWrite(_ failure: FileIO.Failure) -> EngineError {
    EngineError(
      .failed, "Programs cannot be installed into \(folder.path)", why: failure.reason,
      fix: failure.isForSpace
        ? "Free space on its disk, then run `deskrun setup` again"
        : "Check who owns it, or set DESKRUN_HOME to another folder")
  }

  /// A program of the system.
  private func program(_ name: String) throws(EngineError) -> String {
    guard let path = ToolLocator(environment: environment).find(program: name) else {
      throw EngineError(
        .toolMissing, "\(name) is not installed", why: "not found in PATH; downloads need it",
        fix: "Install \(name) with the package manager of this system, then run `deskrun setup` again")
    }
    return path
  }

  private func checksum(_ offer: PinnedTool, _ download: ToolDownload) async throws -> String {
    switch offer.checksum {
    case .pinned(let digest): return digest
    case .published:
      let text = try await download.text(offer.checksumURL)
      guard let digest = Self.digest(in: text) else {
        throw EngineError(
          .failed, "\(offer.checksumURL) has no SHA-256 checksum", why: "It begins: \(SafeText.line(text.prefix(80)))",
          fix: "Check the network or proxy: a login page may be in between")
      }
      return digest
    }
  }

  /// The checksum in a publisher's file: the digits alone, or followed by the file's name.
  static func digest(in text: String) -> String? {
    guard let word = text.split(whereSeparator: \.isWhitespace).first, word.utf8.count == 64,
      word.allSatisfy({ $0.isASCII && $0.isHexDigit })
    else { return nil }
    return word.lowercased()
  }

  private func digest(_ path: String) async throws -> String? {
    guard FileIO.exists(path) else { return nil }
    let result = await OwnThread.value { () -> Result<String, FileIO.Failure> in
      do throws(FileIO.Failure) { return .success(try SHA256.hexadecimal(ofFile: path)) } catch {
        return .failure(error)
      }
    }
    do throws(FileIO.Failure) { return try result.get() } catch { throw cannotWrite(error) }
  }

  private static func mismatch(_ offer: PinnedTool, expected: String, found: String) -> EngineError {
    let origin =
      switch offer.checksum {
      case .pinned: "by deskrun's own list"
      case .published: "by \(offer.checksumURL)"
      }
    return EngineError(
      .failed, "The downloaded \(offer.tool.rawValue) \(offer.version) does not have the expected SHA-256 checksum",
      why: "\(found) in place of \(expected) (\(origin))",
      fix: "The file was deleted. Run `deskrun setup` again; if it happens again, something between this computer and "
        + "\(offer.url) changes it")
  }

  /// Unpacks one file of an archive.
  ///
  /// - Returns: the path of the file.
  private func unpack(_ archive: String, _ member: String) async throws -> String {
    let target = archive + ".unpacked"
    _ = DirectoryRemoval.delete(target)
    do throws(FileIO.Failure) { try FileIO.makePrivateFolder(target) } catch { throw cannotWrite(error) }
    let call = ToolCall(
      try program("tar"), ["-xzf", archive, "-C", target, member], environment: environment, timeout: .seconds(120))
    let result = try await runner.run(call)
    let file = "\(target)/\(member)"
    guard result.exit.isSuccess, FileIO.exists(file) else {
      let words = result.errorText.split(whereSeparator: \.isNewline).last.map { SafeText.line($0) }
      _ = DirectoryRemoval.delete(target)
      throw EngineError(
        .failed, "\(FileIO.split(archive).name) could not be unpacked", why: words ?? "tar ended with \(result.exit)",
        fix: "Check that tar and gzip are installed and that the disk of \(folder.path) has space")
    }
    return file
  }
}
