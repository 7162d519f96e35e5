import Basics

/// What to do so that kind can use this machine's container engine. Pure.
package struct DockerAdvice: Sendable, Equatable {
  package enum Kind: String, Sendable, Equatable {
    /// It responds.
    case ready
    case missing
    case notRunning = "not-running"
    case notAllowed = "not-allowed"
    /// Another problem.
    case failing
  }

  /// The engine, as identified by its client.
  package enum Flavor: String, Sendable, Equatable {
    case docker
    case desktop = "docker-desktop"
    case rootless
    case snap
    case colima
    case podman
    case nerdctl
    /// At the address in DOCKER_HOST.
    case remote
  }

  package var kind: Kind
  package var flavor: Flavor
  /// The state in a few words, without a full stop.
  package var finding: String
  /// The commands to run, one per line, or a sentence if no command does it.
  package var commands: [String] = []
  /// Further remarks, one sentence each.
  package var notes: [String] = []

  /// Evaluates the facts.
  package init(_ facts: DockerFacts) {
    let system = LinuxFamily(facts.distribution)
    flavor = Self.flavor(facts)
    guard facts.client != nil else {
      kind = .missing
      finding = "not installed"
      (commands, notes) = Self.installation(system, facts)
      return
    }
    if let engine = facts.engine {
      kind = .ready
      finding = "answers" + (engine.version.map { ", \($0)" } ?? "") + Self.remark(flavor)
      notes = Self.notes(flavor)
      return
    }
    let said = facts.refusal.lowercased()
    if said.contains("permission denied") {
      kind = .notAllowed
      finding = "this user may not use its socket"
      if facts.isInGroup, !facts.hasGroup {
        commands = ["newgrp docker"]
        notes = ["You are in the group docker; the new group counts from the next login on, or in a shell of newgrp."]
      } else if flavor == .snap {
        commands = [
          "sudo addgroup --system docker", "sudo adduser $USER docker", "sudo snap disable docker",
          "sudo snap enable docker",
        ]
        notes = ["Then log out and in again."]
      } else {
        commands = [system == .alpine ? "sudo addgroup $USER docker" : "sudo usermod -aG docker $USER"]
        notes = [
          "Then log out and in again. Members of the group docker can act as root; rootless Docker does not need it: "
            + "https://docs.docker.com/engine/security/rootless/"
        ]
      }
      return
    }
    kind = facts.problem?.kind == .unreachable ? .notRunning : .failing
    finding =
      kind == .notRunning
      ? "installed, but not running" + Self.remark(flavor) : SafeText.line(facts.problem?.why ?? "does not answer")
    (commands, notes) = Self.start(flavor, system, facts)
  }

  private static func flavor(_ facts: DockerFacts) -> Flavor {
    let name = facts.client.map { FileIO.split($0).name } ?? ""
    if name == "podman" || facts.engine?.isPodman == true || facts.host?.contains("podman") == true
      || facts.refusal.contains("podman")
    {
      return .podman
    }
    if name == "nerdctl" { return .nerdctl }
    let context = facts.context?.lowercased() ?? ""
    let host = facts.host ?? ""
    if context.hasPrefix("colima") || host.contains("/.colima/") || facts.refusal.contains("/.colima/") {
      return .colima
    }
    if context.hasPrefix("desktop") || facts.engine?.system == "Docker Desktop" || host.contains("/.docker/desktop/")
      || facts.refusal.contains("/.docker/desktop/")
    {
      return .desktop
    }
    if !host.isEmpty, !host.hasPrefix("unix://") { return .remote }
    if facts.engine?.isRootless == true || context == "rootless" || host.contains("/run/user/")
      || facts.refusal.contains("/run/user/")
    {
      return .rootless
    }
    if facts.client?.hasPrefix("/snap/") == true || facts.engine?.rootFolder.hasPrefix("/var/snap/") == true {
      return .snap
    }
    return .docker
  }

  private static func remark(_ flavor: Flavor) -> String {
    switch flavor {
    case .docker: ""
    case .desktop: " (Docker Desktop)"
    case .rootless: " (rootless Docker)"
    case .snap: " (Docker of snap)"
    case .colima: " (Colima)"
    case .podman: " (Podman)"
    case .nerdctl: " (nerdctl)"
    case .remote: " (at DOCKER_HOST)"
    }
  }

  /// Problems that occur later with this engine.
  private static func notes(_ flavor: Flavor) -> [String] {
    switch flavor {
    case .docker, .colima, .nerdctl: []
    case .desktop: ["Caches and mounts need their folders in Docker Desktop's settings, Resources → File sharing."]
    case .rootless, .podman:
      [
        "Without root, kind needs cgroup v2 with delegation: https://kind.sigs.k8s.io/docs/user/rootless/",
        "Caches on this computer belong to the user that the engine maps jobs to.",
      ]
    case .snap: ["Docker of snap sees only folders below the home directory: set TMPDIR and DESKRUN_HOME there."]
    case .remote: ["Caches and mounts are folders of the computer that DOCKER_HOST names, not of this one."]
    }
  }

  private static func installation(_ system: LinuxFamily?, _ facts: DockerFacts) -> ([String], [String]) {
    if facts.isWSL {
      return (
        [],
        [
          "Install Docker Desktop on Windows and switch on its WSL integration for this distribution (Settings → "
            + "Resources → WSL integration), or install Docker here as on any Linux: https://docs.docker.com/engine/install/"
        ]
      )
    }
    let login = "Log out and in again for the group to count."
    return switch system {
    case .macOS:
      (
        ["brew install colima docker", "colima start"],
        ["Or Docker Desktop: https://docs.docker.com/desktop/setup/install/mac-install/"]
      )
    case .debian:
      (["sudo apt update", "sudo apt install docker.io", "sudo usermod -aG docker $USER"], [login])
    case .fedora:
      (
        ["sudo dnf install moby-engine", "sudo systemctl enable --now docker", "sudo usermod -aG docker $USER"], [login]
      )
    case .redHat:
      (
        [], ["This distribution has no package of Docker: https://docs.docker.com/engine/install/rhel/"]
      )
    case .arch:
      (
        ["sudo pacman -S docker", "sudo systemctl enable --now docker.service", "sudo usermod -aG docker $USER"],
        [login]
      )
    case .suse:
      (["sudo zypper install docker", "sudo systemctl enable --now docker", "sudo usermod -aG docker $USER"], [login])
    case .alpine:
      (
        [
          "sudo apk add docker", "sudo rc-update add docker boot", "sudo service docker start",
          "sudo addgroup $USER docker",
        ], [login]
      )
    case .nixOS:
      (
        [],
        [
          "Add to /etc/nixos/configuration.nix: virtualisation.docker.enable = true; "
            + "users.users.NAME.extraGroups = [ \"docker\" ]; then: sudo nixos-rebuild switch, and log in again."
        ]
      )
    case nil: ([], ["See https://docs.docker.com/engine/install/ for this system."])
    }
  }

  private static func start(
    _ flavor: Flavor, _ system: LinuxFamily?, _ facts: DockerFacts
  ) -> ([String], [String]) {
    switch flavor {
    case .colima: return (["colima start"], [])
    case .desktop:
      return system == .macOS
        ? (["open -a Docker"], []) : (facts.isWSL ? [] : ["systemctl --user start docker-desktop"], windows(facts))
    case .snap: return (["sudo snap start docker"], [])
    case .rootless:
      return (
        ["systemctl --user enable --now docker"], ["To have it without a login: sudo loginctl enable-linger $USER"]
      )
    case .podman:
      return system == .macOS
        ? (["podman machine start"], []) : (["systemctl --user enable --now podman.socket"], [])
    case .remote: return ([], ["DOCKER_HOST is \(SafeText.line(facts.host ?? "")): check that address, or unset it."])
    case .nerdctl: return (["sudo systemctl enable --now containerd"], [])
    case .docker: break
    }
    if facts.isWSL { return (["sudo service docker start"], windows(facts)) }
    return switch system {
    case .macOS: (["open -a Docker"], ["With Colima: colima start"])
    case .alpine: (["sudo rc-update add docker boot", "sudo service docker start"], [])
    case .nixOS:
      (["sudo systemctl start docker"], ["virtualisation.docker.enable = true; starts it with the computer."])
    default: (["sudo systemctl enable --now docker"], [])
    }
  }

  private static func windows(_ facts: DockerFacts) -> [String] {
    guard facts.isWSL else { return [] }
    return [
      "With Docker Desktop: start it on Windows, with WSL integration for this distribution (Settings → Resources → WSL "
        + "integration)."
    ]
  }
}

/// Families of systems that install and start programs in the same way.
enum LinuxFamily: Sendable {
  case macOS, debian, fedora, redHat, arch, suse, alpine, nixOS

  /// - Parameter names: as in /etc/os-release, most specific first.
  init?(_ names: [String]) {
    for name in names {
      switch name {
      case "macos": self = .macOS
      case "debian", "ubuntu", "linuxmint", "pop", "raspbian": self = .debian
      case "fedora": self = .fedora
      case "rhel", "centos", "rocky", "almalinux", "ol": self = .redHat
      case "arch", "manjaro", "endeavouros": self = .arch
      case "suse", "opensuse", "opensuse-tumbleweed", "opensuse-leap", "sles": self = .suse
      case "alpine", "postmarketos": self = .alpine
      case "nixos": self = .nixOS
      default: continue
      }
      return
    }
    return nil
  }
}
