@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

#if compiler(>=6.2) && os(Linux)
import Glibc
import Testing

@Suite(.ownThreads) struct HiddenMemoryTests {
  @Test func `what is in memory reaches no core file and no debugger`() async {
    await #expect(processExitsWith: .exitCode(9)) {
      HiddenMemory.begin()
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
      let file = open("/proc/self/maps", O_RDONLY)
      let symbol = dlsym(nil, "prctl")
      typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
      let isDumpable = unsafeBitCast(symbol, to: Prctl.self)(3 /* PR_GET_DUMPABLE */, 0, 0, 0, 0)
      // It can still read its own files in /proc.
      exit(limit.rlim_cur == 0 && isDumpable == 0 && file >= 0 && (try? ExecutablePath.find()) != nil ? 9 : 1)
    }
  }
}
#endif
