import Basics

/// A version of a program that `deskrun setup` installs, as published for one platform.
package struct PinnedTool: Sendable, Equatable {
  /// What a download is verified against.
  package enum Checksum: Sendable, Equatable {
    /// The SHA-256 in this file.
    case pinned(String)
    /// The SHA-256 in the publisher's file next to the download: it detects a broken download, but not a compromised
    /// server.
    case published
  }

  package var tool: ToolName
  /// Without the `v`.
  package var version: String
  /// The URL of the download.
  package var url: String
  /// The publisher's file with its checksum: 64 digits, optionally followed by the file's name.
  package var checksumURL: String
  package var checksum: Checksum
  /// The path of the program in the archive; nil if the download is the program itself.
  package var member: String?
}

/// The versions that `deskrun setup` installs.
///
/// To update them, change `version` and the digest for each platform; the publishers' digests are at `checksumURL`.
/// Those below are the same there, in cert-manager's and in several other projects' lists of tools.
package enum PinnedTools {
  /// A platform, as named by the publishers.
  package enum Platform: String, Sendable, CaseIterable {
    case linuxAMD64 = "linux-amd64"
    case linuxARM64 = "linux-arm64"
    case darwinAMD64 = "darwin-amd64"
    case darwinARM64 = "darwin-arm64"

    /// The platform of this machine; nil if nothing is published for it.
    package static var current: Platform? {
      #if os(Linux) && arch(x86_64)
      .linuxAMD64
      #elseif os(Linux) && arch(arm64)
      .linuxARM64
      #elseif os(macOS) && arch(x86_64)
      .darwinAMD64
      #elseif os(macOS) && arch(arm64)
      .darwinARM64
      #else
      nil
      #endif
    }
  }

  /// The programs that can be installed, in the order in which they are needed.
  package static let tools: [ToolName] = [.kind, .kubectl, .helm]

  /// A program for a platform; nil if it is not installed this way.
  package static func offer(_ tool: ToolName, for platform: Platform) -> PinnedTool? {
    switch tool {
    case .kind: kind(platform)
    case .kubectl: kubectl(platform)
    case .helm: helm(platform)
    case .docker, .gh, .openssl, .curl: nil
    }
  }

  private static func kind(_ platform: Platform) -> PinnedTool {
    let version = "0.32.0"
    let digest =
      switch platform {
      case .linuxAMD64: "50030de23cf40a18505f20426f6a8506bedf13c6e509244bd1fa9463721b0f54"
      case .linuxARM64: "b92cd615e97585de8ddade28ed5cd7feb4248d717c233eea5b03c37298900f5d"
      case .darwinAMD64: "295ac6d0d634c9819c9907df45e3017d1f13166bd13c3404c45e79f7faa47498"
      case .darwinARM64: "dca67911095a110c2b5c36e26df6cac860c602033e456c0db47be498cdef1ebb"
      }
    let url = "https://github.com/kubernetes-sigs/kind/releases/download/v\(version)/kind-\(platform.rawValue)"
    return PinnedTool(
      tool: .kind, version: version, url: url, checksumURL: url + ".sha256sum", checksum: .pinned(digest))
  }

  private static func kubectl(_ platform: Platform) -> PinnedTool {
    let version = "1.36.4"
    let digest =
      switch platform {
      case .linuxAMD64: "8b8f088da2dab964f853b38464033b1be15ede2839eca751482357c45abdd05a"
      case .linuxARM64: "0ecf44450ee6063bf19dd166a103ee6df4a9034455c2abce626e6eea657d73fb"
      case .darwinAMD64: "71a3aa7c2ee2c974d9fbb462cba0c5c04a4df2e8d85eee94714fd819ea3c4e63"
      case .darwinARM64: "c9e4f713d6fee0043a3d835cca13077cda2bc0973840eb9779360df0b5bdfc69"
      }
    let place = platform.rawValue.replacing("-", with: "/")
    let url = "https://dl.k8s.io/release/v\(version)/bin/\(place)/kubectl"
    return PinnedTool(
      tool: .kubectl, version: version, url: url, checksumURL: url + ".sha256", checksum: .pinned(digest))
  }

  private static func helm(_ platform: Platform) -> PinnedTool {
    let version = "4.2.4"
    let digest =
      switch platform {
      case .linuxAMD64: "c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3"
      case .linuxARM64: "564de2191b881e9f71b5606b25345821ea1682f06ab90499d3ab22b530176da1"
      case .darwinAMD64: "6c163d687ca03c3b5c01928e53bbbcf9518278f47ce7a2f249a5a08e8bdaa2bc"
      case .darwinARM64: "d747eb4e28bd2727173d15b759fa0a17822291ec09db7ced3d55af290a3661a2"
      }
    let url = "https://get.helm.sh/helm-v\(version)-\(platform.rawValue).tar.gz"
    return PinnedTool(
      tool: .helm, version: version, url: url, checksumURL: url + ".sha256sum", checksum: .pinned(digest),
      member: "\(platform.rawValue)/helm")
  }
}

/// Where downloads come from: the publishers, or a server on this machine with the same files.
package struct ToolSource: Sendable, Equatable {
  /// The variable that names such a server. For tests: the server's own checksums are trusted.
  package static let variable = "DESKRUN_TOOLS_URL"

  /// `http://127.0.0.1:8080`; nil for the publishers.
  private let base: String?
  /// Whether to trust that server's checksums instead of those in this program.
  var believesServer = true

  /// The publishers, only over HTTPS.
  package static let publishers = ToolSource(base: nil)

  private init(base: String?) { self.base = base }

  /// Reads the environment.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the variable names another machine.
  package init(environment: [String: String]) throws(EngineError) {
    guard let text = environment[Self.variable], !text.isEmpty else {
      self = .publishers
      return
    }
    let hosts = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"]
    guard let host = hosts.first(where: text.hasPrefix), UInt16(text.dropFirst(host.count)) != nil else {
      throw EngineError(
        .invalid, "\(Self.variable) is \(SafeText.line(text)), which is no server of this computer",
        fix: "Unset it, or write it as http://127.0.0.1:PORT")
    }
    base = text
  }

  /// A program as available from this source.
  package func offer(_ tool: PinnedTool) -> PinnedTool {
    guard let base else { return tool }
    var tool = tool
    tool.url = base + "/" + tool.url.dropFirst("https://".count)
    tool.checksumURL = base + "/" + tool.checksumURL.dropFirst("https://".count)
    if believesServer { tool.checksum = .published }
    return tool
  }

  /// The only allowed protocol, including redirects.
  var scheme: String { base == nil ? "https" : "http" }
}
