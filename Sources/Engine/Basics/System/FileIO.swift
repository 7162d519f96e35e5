#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads and replaces small files safely.
package enum FileIO {
  /// A system call that failed.
  package struct Failure: Error {
    /// The operation: "open", "write", …
    package var operation: String
    /// Its `errno`.
    package var code: Int32
    /// The reason, where the system's message for the code does not tell it.
    package var explanation: String?
    /// The reason as text.
    package var reason: String { explanation ?? String(cString: strerror(code)) }

    /// Whether the disk is full or the user's quota is exceeded.
    package var isForSpace: Bool { code == ENOSPC || code == EDQUOT }

    package init(operation: String, code: Int32, explanation: String? = nil) {
      self.operation = operation
      self.code = code
      self.explanation = explanation
    }
  }

  /// The contents of a file, or nil if it does not exist.
  ///
  /// Only regular files are accepted: reading anything else could block forever.
  ///
  /// - Throws: `Failure`; code `EFBIG` if it is larger than `limit` bytes.
  package static func read(_ path: String, limit: Int = 16 << 20) throws(Failure) -> [UInt8]? {
    guard let descriptor = try openFile(path) else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      #if canImport(Darwin)
      let count = Darwin.read(descriptor, &buffer, buffer.count)
      #else
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(operation: "read", code: errno) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= limit else { throw Failure(operation: "read", code: EFBIG) }
    }
  }

  /// Bytes of an open file from an offset; fewer where it ends or cannot be read.
  package static func bytes(of descriptor: Int32, at start: Int, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    var have = 0
    while have < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: have), $0.count - have, off_t(start + have))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      have += got
    }
    bytes.removeLast(bytes.count - have)
    return bytes
  }

  /// The end of a file, starting at a whole line; nil if it cannot be read or is a symbolic link.
  ///
  /// - Parameter limit: the maximum number of bytes, however large the file is.
  package static func tail(of path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard specialKind(descriptor) == nil else { return nil }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - limit)
    var bytes = bytes(of: descriptor, at: start, count: size - start)
    if start > 0, let end = bytes.firstIndex(of: 0x0A) { bytes.removeFirst(end + 1) }
    return bytes
  }

  /// Replaces or creates a file with mode 0600: written to a temporary file, synced, renamed, folder synced, so that
  /// after a crash it has either the old or the new content, complete.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
    let (folder, name) = split(path)
    let temporary = "\(folder)/\(LeftOvers.temporaryName(for: name))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Failure(operation: "create", code: errno) }
    do throws(Failure) {
      defer { close(descriptor) }
      try writeAll(bytes, to: descriptor)
      guard synchronize(descriptor) == 0 else { throw Failure(operation: "sync", code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw Failure(operation: "rename", code: code)
    }
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure(operation: "write", code: errno) }
      rest = rest.dropFirst(count)
    }
  }

  private static func synchronize(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
    // fsync on Darwin leaves data in the drive's cache.
    return fcntl(descriptor, F_FULLFSYNC) == 0 ? 0 : fsync(descriptor)
    #else
    return fsync(descriptor)
    #endif
  }

  /// Creates a folder and its parents, the folder itself with mode 0700. An existing folder is left unchanged, and
  /// rejected if others could replace the files in it.
  package static func makePrivateFolder(_ path: String) throws(Failure) {
    var folder = ""
    // A path may end with a slash or contain consecutive slashes.
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    for (at, part) in parts.enumerated() {
      folder += "/" + part
      let mode: mode_t = at == parts.count - 1 ? 0o700 : 0o755
      if mkdir(folder, mode) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS || !exists(folder) {
        throw Failure(operation: "create folder", code: errno)
      }
    }
    if let problem = FolderSafety.problem(path) {
      throw Failure(operation: "use folder", code: EPERM, explanation: problem)
    }
  }

  /// Creates a folder and its parents with the usual permissions. An existing folder is left unchanged.
  package static func makeFolders(_ path: String) throws(Failure) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      folder += "/" + part
      if mkdir(folder, 0o755) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS || !exists(folder) {
        throw Failure(operation: "create folder", code: errno)
      }
    }
  }

  package static func exists(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0
  }

  /// The target of a path that is a symbolic link, for users who keep their settings elsewhere. The target need not
  /// exist yet: the file is then created there, and the link stays.
  package static func resolved(_ path: String) -> String {
    var path = path
    // Linux follows at most 40 links in a row.
    for _ in 0..<40 {
      if let real = realpath(path, nil) {
        defer { free(real) }
        return String(cString: real)
      }
      guard errno == ENOENT, let target = linkTarget(path) else { break }
      path = target.hasPrefix("/") ? target : split(path).folder + "/" + target
    }
    return path
  }

  private static func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  package static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}
