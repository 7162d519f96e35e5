// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The layers of the engine ("floors") from the bottom up. Each imports only those before it; docs/architecture.md
// explains them.
let floors = ["Basics", "Tools", "Kubernetes", "ARC", "ValuesFiles", "Installations", "Knowledge", "Deployment"]

/// The floors up to this one, as dependencies of a target.
///
/// A target must name every module whose types it uses, including those that `Engine` re-exports. Without one it
/// builds, but is not rebuilt when that module's types change, and then uses a wrong memory layout.
func upTo(_ floor: String) -> [Target.Dependency] {
  floors.prefix { $0 != floor }.map { .byName(name: $0) } + [.byName(name: floor)]
}

/// The floors below this one.
func below(_ floor: String) -> [Target.Dependency] { Array(upTo(floor).dropLast()) }

/// The whole engine, for targets above it.
let engine: [Target.Dependency] = upTo("Deployment") + ["Engine"]

// libyaml is linked statically if the system has its static library, so that the program runs where libyaml is not
// installed; otherwise it is linked dynamically.
let archives = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
  .map { $0 + "/libyaml.a" }
#if os(macOS)
let yaml = (package: Optional("yaml-0.1"), library: "yaml")
#else
let yaml = (
  package: String?.none,
  library: archives.contains(where: FileManager.default.fileExists(atPath:)) ? ":libyaml.a" : "yaml"
)
#endif

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// HTTP over a socket, for the connection to the cluster.
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") }

let package = Package(
  name: "deskrun",
  // Synchronization.Mutex needs macOS 15; on Linux there is no minimum version.
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "deskrun", targets: ["deskrun"]),
    // For the benchmark, which is a separate package and uses internals.
    .library(name: "Engine", targets: ["Engine"] + floors),
    .library(name: "TUI", targets: ["TUI", "TerminalKit", "DashboardCore", "DashboardPanes"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
  ],
  targets: [
    // The engine: everything that works without a terminal.
    .target(name: "Basics", path: "Sources/Engine/Basics"),
    .target(name: "Tools", dependencies: below("Tools"), path: "Sources/Engine/Tools"),
    .target(name: "Kubernetes", dependencies: below("Kubernetes"), path: "Sources/Engine/Kubernetes"),
    .target(name: "KubeProxy", dependencies: upTo("Tools") + nio, path: "Sources/Engine/KubeProxy"),
    .target(name: "ARC", dependencies: below("ARC"), path: "Sources/Engine/ARC"),
    .systemLibrary(name: "CYaml", pkgConfig: yaml.package, providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(
      name: "ValuesFiles", dependencies: below("ValuesFiles") + ["CYaml"], path: "Sources/Engine/Values",
      linkerSettings: [.linkedLibrary(yaml.library)]),
    .target(name: "Installations", dependencies: below("Installations"), path: "Sources/Engine/Installations"),
    .target(name: "Knowledge", dependencies: below("Knowledge"), path: "Sources/Engine/Knowledge"),
    .target(name: "Deployment", dependencies: below("Deployment"), path: "Sources/Engine/Deployment"),
    .target(name: "Engine", dependencies: upTo("Deployment"), path: "Sources/Engine", sources: ["Engine.swift"]),

    // The dashboard, from the terminal up.
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])]),
    // Replacements for what a fully static executable cannot load at run time (`make build`); empty in other builds.
    .target(name: "CStandalone"),
    .target(
      name: "TerminalKit", dependencies: ["Basics", "Tools", "CNcurses", "CStandalone"], path: "Sources/TUI/Terminal"),
    .target(name: "DashboardCore", dependencies: engine + ["TerminalKit"], path: "Sources/TUI/Dashboard/Core"),
    .target(
      name: "DashboardPanes", dependencies: engine + ["TerminalKit", "DashboardCore"],
      path: "Sources/TUI/Dashboard/Panes"),
    .target(
      name: "TUI", dependencies: engine + ["TerminalKit", "DashboardCore", "DashboardPanes"],
      path: "Sources/TUI/Dashboard/Loop"),

    // The simulated tools of --demo.
    .target(name: "Demo", dependencies: engine + nio),

    // The executable, from its output up to its commands.
    .target(name: "CommandOutput", dependencies: engine + ["TerminalKit"], path: "Sources/deskrun/Output"),
    .target(
      name: "CommandSession",
      dependencies: engine + ["KubeProxy", "Demo", "TerminalKit", "CommandOutput", "CNcurses", arguments],
      path: "Sources/deskrun/Session"),
    .executableTarget(
      name: "deskrun",
      dependencies: engine + [
        "KubeProxy", "Demo", "TUI", "DashboardCore", "DashboardPanes", "TerminalKit", "CommandOutput", "CommandSession",
        arguments,
      ],
      path: "Sources/deskrun/Commands"),

    // One test target per floor, so that each can be built and run without those above it.
    .target(name: "TestSupport", dependencies: ["Basics"], path: "Tests/TestSupport"),
    .target(name: "DemoTestSupport", dependencies: engine + ["Demo"], path: "Tests/DemoTestSupport"),
    .target(name: "ToolsTestSupport", dependencies: ["Tools"], path: "Tests/EngineTests/Support/Tools"),
    .target(name: "ARCTestSupport", dependencies: upTo("ARC"), path: "Tests/EngineTests/Support/ARC"),
    .testTarget(
      name: "BasicsTests", dependencies: upTo("Basics") + ["TestSupport"], path: "Tests/EngineTests/Basics"),
    .testTarget(
      name: "ToolsTests", dependencies: upTo("Tools") + ["TestSupport", "ToolsTestSupport"],
      path: "Tests/EngineTests/Tools"),
    .testTarget(
      name: "KubeProxyTests", dependencies: upTo("Tools") + ["KubeProxy", "TestSupport"] + nio,
      path: "Tests/EngineTests/KubeProxy"),
    .testTarget(
      name: "KubernetesTests", dependencies: upTo("Kubernetes") + ["TestSupport"], path: "Tests/EngineTests/Kubernetes"),
    .testTarget(
      name: "ARCTests", dependencies: upTo("ARC") + ["TestSupport", "ARCTestSupport"], path: "Tests/EngineTests/ARC"),
    .testTarget(
      name: "ValuesFilesTests", dependencies: upTo("ValuesFiles") + ["TestSupport"],
      path: "Tests/EngineTests/Values"),
    .testTarget(
      name: "InstallationsTests", dependencies: upTo("Installations") + ["TestSupport", "ToolsTestSupport"],
      path: "Tests/EngineTests/Installations"),
    .testTarget(
      name: "KnowledgeTests", dependencies: upTo("Knowledge") + ["TestSupport", "ARCTestSupport"],
      path: "Tests/EngineTests/Knowledge"),
    .testTarget(
      name: "DeploymentTests", dependencies: upTo("Deployment") + ["TestSupport"],
      path: "Tests/EngineTests/Deployment"),
    .testTarget(
      name: "DemoTests",
      dependencies: engine + [
        "Demo", "KubeProxy", "TerminalKit", "DashboardCore", "DashboardPanes", "TestSupport",
      ] + nio + [.product(name: "NIOEmbedded", package: "swift-nio")],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TUITests",
      dependencies: engine + ["TerminalKit", "DashboardCore", "DashboardPanes", "TUI", "TestSupport"],
      exclude: ["Frames"]),
    .testTarget(
      name: "deskrunTests",
      dependencies: engine + [
        "TerminalKit", "CommandOutput", "CommandSession", "deskrun", "TestSupport", "DemoTestSupport", arguments,
      ],
      exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
