import Testing

@testable import Basics
@testable import Tools

@Suite struct DockerAdviceTests {
  private func facts(_ change: (inout DockerFacts) -> Void) -> DockerFacts {
    var facts = DockerFacts()
    change(&facts)
    return facts
  }

  @Test(arguments: [
    ("ID=ubuntu\nID_LIKE=debian\n", "sudo apt install docker.io"),
    ("NAME=\"Debian GNU/Linux\"\nID=debian\n", "sudo apt install docker.io"),
    ("ID=fedora\n", "sudo dnf install moby-engine"), ("ID=arch\n", "sudo pacman -S docker"),
    ("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "sudo zypper install docker"),
    ("ID=alpine\n", "sudo apk add docker"), ("ID=endeavouros\nID_LIKE=arch\n", "sudo pacman -S docker"),
  ])
  func `each distribution has its own commands`(release: String, command: String) {
    let advice = DockerAdvice(facts { $0.distribution = DockerFacts.distribution(osRelease: release) })
    #expect(advice.kind == .missing)
    #expect(advice.commands.contains(command))
  }

  @Test func `systems without a command are told what to do`() {
    #expect(
      DockerAdvice(facts { $0.distribution = ["nixos"] }).notes[0].contains("virtualisation.docker.enable = true"))
    #expect(DockerAdvice(facts { $0.distribution = ["macos"] }).commands.contains("colima start"))
    #expect(DockerAdvice(facts { $0.distribution = ["slackware"] }).notes[0].contains("https://docs.docker.com/"))
    #expect(DockerAdvice(facts { $0.isWSL = true }).notes[0].contains("WSL integration"))
  }

  private func refused(_ text: String, _ change: (inout DockerFacts) -> Void = { _ in }) -> DockerAdvice {
    DockerAdvice(
      facts {
        $0.client = "/usr/bin/docker"
        $0.distribution = ["debian"]
        $0.refusal = text
        $0.problem = ToolFailure.explain(
          .docker, arguments: ["info"], result: ToolResult(exit: .code(1), errorOutput: Array(text.utf8)))
        change(&$0)
      })
  }

  private let denied =
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied"
  private let down =
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"

  @Test func `a user who may not is told the group, or to log in again`() {
    let advice = refused(denied)
    #expect(advice.kind == .notAllowed)
    #expect(advice.commands == ["sudo usermod -aG docker $USER"])
    #expect(refused(denied) { $0.distribution = ["alpine"] }.commands == ["sudo addgroup $USER docker"])
    #expect(refused(denied) { $0.isInGroup = true }.commands == ["newgrp docker"])
  }

  @Test func `what does not run is started in its own way`() {
    #expect(refused(down).commands == ["sudo systemctl enable --now docker"])
    #expect(refused(down).kind == .notRunning)
    #expect(refused(down) { $0.distribution = ["alpine"] }.commands.last == "sudo service docker start")
    #expect(refused(down) { $0.context = "colima" }.commands == ["colima start"])
    #expect(refused(down) { $0.context = "rootless" }.commands == ["systemctl --user enable --now docker"])
    #expect(refused(down) { $0.context = "desktop-linux" }.commands == ["systemctl --user start docker-desktop"])
    #expect(refused(down) { $0.client = "/snap/bin/docker" }.commands == ["sudo snap start docker"])
    #expect(refused(down) { $0.isWSL = true }.notes[0].contains("WSL integration"))
    let remote = refused("error during connect: Get \"http://10.1.1.1:2375\"") { $0.host = "tcp://10.1.1.1:2375" }
    #expect(remote.flavor == .remote)
    #expect(remote.notes[0].contains("tcp://10.1.1.1:2375"))
    let podman = refused("Cannot connect to Podman.") { $0.client = "/usr/bin/podman" }
    #expect(podman.flavor == .podman)
    #expect(podman.commands == ["systemctl --user enable --now podman.socket"])
  }

  @Test(arguments: [
    (#"{"ServerVersion": "28.2.2", "OperatingSystem": "Debian GNU/Linux 12"}"#, DockerAdvice.Flavor.docker),
    (#"{"ServerVersion": "28.2.2", "OperatingSystem": "Docker Desktop"}"#, .desktop),
    (#"{"ServerVersion": "28.2.2", "SecurityOptions": ["name=seccomp", "name=rootless"]}"#, .rootless),
    (#"{"ServerVersion": "27.1", "DockerRootDir": "/var/snap/docker/common/var-lib-docker"}"#, .snap),
    (#"{"host": {"buildahVersion": "1.38"}, "version": {"Version": "5.3.1"}}"#, .podman),
  ])
  func `an engine that answers is told apart by what it says`(info: String, flavor: DockerAdvice.Flavor) throws {
    let document = try JSONValue(parsing: Array(info.utf8))
    let advice = DockerAdvice(
      facts {
        $0.client = "/usr/bin/docker"
        $0.engine = DockerFacts.Engine(document)
      })
    #expect(advice.kind == .ready)
    #expect(advice.flavor == flavor)
    #expect(advice.notes.isEmpty == (flavor == .docker))
  }
}
