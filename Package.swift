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
    .target(name: "Basics", dependencies: [], path: "Sources/Engine/Basics"),
    .target(name: "Tools", dependencies: ["Basics"], path: "Sources/Engine/Tools"),
    .target(name: "Kubernetes", dependencies: ["Basics", "Tools"], path: "Sources/Engine/Kubernetes"),
    .target(name: "ARC", dependencies: ["Basics", "Tools", "Kubernetes"], path: "Sources/Engine/ARC"),
    .target(
      name: "Installations", dependencies: ["Basics", "Tools", "Kubernetes", "ARC"],
      path: "Sources/Engine/Installations"),
    .target(
      name: "Knowledge", dependencies: ["Basics", "Tools", "Kubernetes", "ARC", "Installations"],
      path: "Sources/Engine/Knowledge"),
    .target(
      name: "Deployment", dependencies: ["Basics", "Tools", "Kubernetes", "ARC", "Installations", "Knowledge"],
      path: "Sources/Engine/Deployment"),
    .target(
      name: "Engine",
      dependencies: ["Basics", "Tools", "Kubernetes", "ARC", "Installations", "Knowledge", "Deployment"],
      path: "Sources/Engine", sources: ["Engine.swift"]),
    .target(name: "Demo", dependencies: ["Engine"]),
    .target(name: "TerminalKit", dependencies: ["Basics", "Tools", "CNcurses"], path: "Sources/TUI/Terminal"),
    .target(name: "DashboardCore", dependencies: ["Engine", "TerminalKit"], path: "Sources/TUI/Dashboard/Core"),
    .target(
      name: "DashboardPanes", dependencies: ["Engine", "TerminalKit", "DashboardCore"],
      path: "Sources/TUI/Dashboard/Panes"),
    .target(
      name: "TUI", dependencies: ["Engine", "TerminalKit", "DashboardCore", "DashboardPanes"],
      path: "Sources/TUI/Dashboard/Loop"),
    .target(name: "CommandOutput", dependencies: ["Engine", "TerminalKit"], path: "Sources/deskrun/Output"),
    .target(
      name: "CommandSession",
      dependencies: [
        "Engine", "Demo", "CommandOutput", "CNcurses",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/deskrun/Session"),
    .executableTarget(
      name: "deskrun",
      dependencies: [
        "Engine", "Demo", "TUI", "CommandOutput", "CommandSession",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/deskrun/Commands"
    ),
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .target(name: "ToolsTestSupport", dependencies: ["Tools"], path: "Tests/EngineTests/Support/Tools"),
    .target(name: "ARCTestSupport", dependencies: ["ARC"], path: "Tests/EngineTests/Support/ARC"),
    .testTarget(
      name: "BasicsTests", dependencies: ["Basics", "TestSupport"],
      path: "Tests/EngineTests/Basics"),
    .testTarget(
      name: "ToolsTests", dependencies: ["Tools", "TestSupport", "ToolsTestSupport"],
      path: "Tests/EngineTests/Tools"),
    .testTarget(
      name: "KubernetesTests", dependencies: ["Kubernetes", "TestSupport", "ToolsTestSupport"],
      path: "Tests/EngineTests/Kubernetes"),
    .testTarget(
      name: "ARCTests", dependencies: ["ARC", "TestSupport", "ToolsTestSupport", "ARCTestSupport"],
      path: "Tests/EngineTests/ARC"),
    .testTarget(
      name: "InstallationsTests", dependencies: ["Installations", "TestSupport", "ToolsTestSupport", "ARCTestSupport"],
      path: "Tests/EngineTests/Installations"),
    .testTarget(
      name: "KnowledgeTests", dependencies: ["Knowledge", "TestSupport", "ToolsTestSupport", "ARCTestSupport"],
      path: "Tests/EngineTests/Knowledge"),
    .testTarget(
      name: "DeploymentTests", dependencies: ["Deployment", "TestSupport", "ToolsTestSupport", "ARCTestSupport"],
      path: "Tests/EngineTests/Deployment"),
    .testTarget(name: "DemoTests", dependencies: ["Demo", "Engine", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "TUITests", dependencies: ["TUI", "Engine"], exclude: ["Frames"]),
    .testTarget(name: "deskrunTests", dependencies: ["deskrun", "Engine", "TestSupport"], exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
