// swift-tools-version: 6.2
import PackageDescription

// A separate package, so that building and testing deskrun does not build the benchmark and its dependencies.
let package = Package(
  name: "bench",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "deskrun", path: ".."),
    .package(url: "https://github.com/google/swift-benchmark", from: "0.1.2"),
  ],
  targets: [
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "Engine", package: "deskrun"),
        .product(name: "TUI", package: "deskrun"),
        .product(name: "Benchmark", package: "swift-benchmark"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
