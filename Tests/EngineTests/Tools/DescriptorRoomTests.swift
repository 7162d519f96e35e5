import Testing

@testable import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct DescriptorRoomTests {
  @Test func `room for many descriptors raises a limit that is too low, and keeps one that is not`() throws {
    #if canImport(Darwin)
    let resource = RLIMIT_NOFILE
    #else
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #endif
    var before = rlimit()
    try #require(getrlimit(resource, &before) == 0)
    DescriptorRoom.reserve()
    DescriptorRoom.want(600)
    var after = rlimit()
    try #require(getrlimit(resource, &after) == 0)
    #expect(after.rlim_cur >= min(after.rlim_max, 600))
    #expect(after.rlim_cur >= before.rlim_cur && after.rlim_max == before.rlim_max)
  }
}
