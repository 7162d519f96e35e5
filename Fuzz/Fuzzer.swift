import Engine
import TUI

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The entry point for libFuzzer. `DESKRUN_FUZZ` selects the reader to test.
private let readers: [(name: String, samples: [String], read: @Sendable ([UInt8]) -> Void)] =
  EngineFuzzCases.all.map { ($0.name, $0.samples, $0.read) } + DashboardFuzzCases.all

private let wanted = getenv("DESKRUN_FUZZ").map { String(cString: $0) } ?? ""
private let reader = readers.first { $0.name == wanted }

/// Lists the readers if none is selected; with `DESKRUN_FUZZ_SEEDS`, writes the reader's samples to that folder.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> Int32 {
  guard let reader else {
    for reader in readers { puts(reader.name) }
    exit(wanted.isEmpty ? 0 : 64)
  }
  guard let folder = getenv("DESKRUN_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (index, sample) in reader.samples.enumerated() {
    guard let file = fopen("\(folder)/sample-\(index)", "w") else { continue }
    let bytes = Array(sample.utf8)
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
  return 0
}

/// Passes an input to the reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  reader?.read(Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count)))
  return 0
}
