import Testing

@testable import ARC
@testable import Basics

@Suite struct ARCReleaseTests {
  @Test(arguments: [
    ("0.15.0", "0.15.0", "0.15"), ("v0.14.2", "0.14.2", "0.14"), ("0.15.0-rc.1", "0.15.0-rc.1", "0.15"),
    ("1.2.30", "1.2.30", "1.2"),
  ])
  func `versions are read`(text: String, description: String, minor: String) throws {
    let release = try #require(ARCRelease(text))
    #expect(release.description == description)
    #expect(release.minor == minor)
  }

  @Test(arguments: [
    "", "0.15", "0.15.x", "0..1", "latest", "0.15.0 --set x=y", "0.15.0\u{1B}[31m", "-0.1.2", "0.1.9999999",
  ])
  func `what is no version is refused`(text: String) {
    #expect(ARCRelease(text) == nil)
    if text != "0.15" { #expect(throws: EngineError.self) { try SupportedARC.named(text) } }
  }

  @Test func `patch releases of a minor version are the same`() throws {
    let (old, new, patch) = try (
      #require(ARCRelease("0.14.2")), #require(ARCRelease("0.15.0")), #require(ARCRelease("0.15.1"))
    )
    #expect(new.isSameMinor(as: patch) && !new.isSameMinor(as: old))
    #expect(patch > new && !patch.isLaterMinor(than: new) && new.isLaterMinor(than: old))
    #expect(ARCVersion.isSameMinor("0.15.0", "0.15.1") && !ARCVersion.isSameMinor("0.15.0", "0.14.2"))
    #expect(!old.isInPlaceGeneration && new.isInPlaceGeneration && patch.isInPlaceGeneration)
  }

  @Test func `a minor version names its newest and others are refused with the supported ones`() throws {
    #expect(try SupportedARC.named("0.14").description == "0.14.2")
    #expect(try SupportedARC.named("0.15.1").description == "0.15.1")
    for text in ["0.13.1", "0.16.0", "1.0.0"] {
      let error = #expect(throws: EngineError.self) { try SupportedARC.named(text) }
      #expect(error?.kind == .invalid && error?.what.contains(text) == true)
      #expect(error?.why?.contains("0.14.2 and 0.15.0") == true)
    }
    #expect(SupportedARC.isTooNew("0.16.0") && !SupportedARC.isTooNew("0.15.9") && !SupportedARC.isTooNew("0.13.0"))
    #expect(SupportedARC.releases.contains(SupportedARC.newest) && SupportedARC.newest == SupportedARC.releases.max())
  }

  @Test func `a phase from before the latest change does not stop a scale set`() {
    #expect(OutdatedPhase.isCurrent("Outdated", generation: 3, observedGeneration: nil))
    #expect(OutdatedPhase.isCurrent("Outdated", generation: 3, observedGeneration: 3))
    #expect(!OutdatedPhase.isCurrent("Outdated", generation: 4, observedGeneration: 3))
    #expect(!OutdatedPhase.isCurrent("Pending", generation: 3, observedGeneration: 3))
    func isSettled(_ phase: String, _ observed: Int?, _ lasted: Int) -> Bool {
      OutdatedPhase.isSettled(
        phase, generation: 4, observedGeneration: observed, lasted: .seconds(lasted), patience: .seconds(10))
    }
    #expect(isSettled("Outdated", 4, 0), "the controller has seen the change and still refuses it")
    #expect(!isSettled("Outdated", 3, 5) && !isSettled("Outdated", nil, 5), "it may come back")
    #expect(isSettled("Outdated", nil, 11) && isSettled("Outdated", 3, 11))
    #expect(!isSettled("Running", nil, 60))
  }
}
