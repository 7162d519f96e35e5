/// How the programs deskrun drives are installed.
package enum ToolInstallation {
  /// The line that installs a program on this kind of system, or where to look.
  package static func hint(for tool: ToolName) -> String {
    #if canImport(Darwin)
    switch tool {
    case .kubectl: "Install it: brew install kubectl"
    case .helm: "Install it: brew install helm"
    case .kind: "Install it: brew install kind"
    case .docker:
      "Install Docker Desktop (https://docs.docker.com/desktop/) or: brew install colima docker && colima start"
    case .gh: "Install it: brew install gh, then: gh auth login"
    case .openssl: "Install it: brew install openssl"
    case .curl: "Install it: brew install curl"
    }
    #else
    #if arch(arm64)
    let machine = "arm64"
    #else
    let machine = "amd64"
    #endif
    return switch tool {
    case .kubectl:
      "Install it: curl -fLo kubectl https://dl.k8s.io/release/v1.36.1/bin/linux/\(machine)/kubectl "
        + "&& sudo install kubectl /usr/local/bin/ (other ways: https://kubernetes.io/docs/tasks/tools/)"
    case .helm:
      "Install it: curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-4 | bash "
        + "(other ways: https://helm.sh/docs/intro/install/)"
    case .kind:
      "Install it: curl -fLo kind https://kind.sigs.k8s.io/dl/v0.32.0/kind-linux-\(machine) "
        + "&& sudo install kind /usr/local/bin/ (other ways: https://kind.sigs.k8s.io/)"
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
