// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "deskrun",
  // Synchronization.Mutex needs macOS 15; Linux has no floor of its own.
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "deskrun", targets: ["deskrun"]),
    .library(name: "Engine", targets: ["Engine"]),
    // For the benchmark, which is a package of its own.
    .library(name: "TUI", targets: ["TUI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .systemLibrary(
      name: "CNcurses",
      providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])]
    ),
    .target(name: "Engine"),
    .target(name: "Demo", dependencies: ["Engine"]),
    .target(name: "TUI", dependencies: ["Engine", "CNcurses"]),
    .executableTarget(
      name: "deskrun",
      dependencies: [
        "Engine", "Demo", "TUI", "CNcurses",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(
      name: "EngineTests",
      dependencies: ["Engine", "TestSupport"],
      exclude: ["Fixtures"]
    ),
    .testTarget(name: "DemoTests", dependencies: ["Demo", "Engine", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "TUITests", dependencies: ["TUI", "Engine"], exclude: ["Frames"]),
    .testTarget(name: "deskrunTests", dependencies: ["deskrun", "Engine", "TestSupport"], exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
