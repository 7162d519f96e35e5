/// How the programs that deskrun uses are installed.
package enum ToolInstallation {
  /// The command that installs a program on this kind of system, or where to look.
  package static func hint(for tool: ToolName) -> String {
    #if canImport(Darwin)
    switch tool {
    case .kubectl: "Install it: `deskrun setup`, or brew install kubectl"
    case .helm: "Install it: `deskrun setup`, or brew install helm"
    case .kind: "Install it: `deskrun setup`, or brew install kind"
    case .docker:
      "Install Docker Desktop (https://docs.docker.com/desktop/) or: brew install colima docker && colima start"
    case .gh: "Install it: brew install gh, then: gh auth login"
    case .openssl: "Install it: brew install openssl"
    case .curl: "Install it: brew install curl"
    }
    #else
    return switch tool {
    case .kubectl: "Install it: `deskrun setup` (other ways: https://kubernetes.io/docs/tasks/tools/)"
    case .helm: "Install it: `deskrun setup` (other ways: https://helm.sh/docs/intro/install/)"
    case .kind: "Install it: `deskrun setup` (other ways: https://kind.sigs.k8s.io/)"
    case .docker:
      "Install it: sudo apt install docker.io && sudo usermod -aG docker $USER, then log in again "
        + "(other ways: https://docs.docker.com/engine/install/)"
    case .gh: "Install it: sudo apt install gh (or https://cli.github.com/), then: gh auth login"
    case .openssl: "Install it: sudo apt install openssl"
    case .curl: "Install it: sudo apt install curl"
    }
    #endif
  }
}
