import ARC
import Basics

/// The parts of a values file that determine how the pod is written.
struct BroughtPod {
  private let spec: YAMLNode?
  private let file: String

  init(_ file: ValuesFile) {
    spec = file.root["template"]?["spec"]
    self.file = file.reference.text
  }

  private func items(_ list: String) -> [YAMLNode] { spec?[list]?.items ?? [] }

  private func item(_ list: String, _ name: String) -> YAMLNode? {
    items(list).first { $0["name"]?.text == name }
  }

  private func place(_ node: YAMLNode?) -> ValuesPlace? {
    node.map { ValuesPlace(file: file, line: $0.mark.line) }
  }

  var runnerImage: String? { item("containers", "runner")?["image"]?.json.stringValue }

  /// A daemon as a regular container, not an init container: the style before Kubernetes 1.29.
  var hasDockerContainer: Bool { item("containers", "dind") != nil }

  /// The position of that container; nil if there is none.
  var dockerContainer: ValuesPlace? { place(item("containers", "dind")) }

  /// A daemon as an init container: the chart's style from Kubernetes 1.29 on.
  var hasDockerInitContainer: Bool { item("initContainers", "dind") != nil }

  /// The keys of that container.
  var dockerInitKeys: [String] { (item("initContainers", "dind")?.members ?? []).map(\.key) }

  /// Whether the container is a complete daemon: an unprivileged one only changes the existing daemon.
  var hasWholeDockerContainer: Bool {
    item("containers", "dind")?["securityContext"]?["privileged"]?.json == true
  }

  /// Whether it changes the daemon without being one.
  var isPartOfDaemon: Bool { hasDockerContainer && !hasWholeDockerContainer }

  /// Containers with the daemon's name.
  var daemons: [YAMLNode] { [item("containers", "dind"), item("initContainers", "dind")].compactMap(\.self) }

  /// Whether it has what the chart's mode `dind` creates, which would then exist twice.
  var bringsDocker: Bool { place != nil }

  var place: ValuesPlace? {
    place(
      item("containers", "dind") ?? item("initContainers", "dind") ?? item("initContainers", "init-dind-externals")
        ?? item("volumes", "dind-sock") ?? item("volumes", "dind-externals") ?? otherDaemon)
  }

  // MARK: A daemon by hand

  /// A daemon under another name, which deskrun's would duplicate.
  var hasOtherDaemon: Bool { otherDaemon != nil }

  private var otherDaemon: YAMLNode? {
    (items("containers") + items("initContainers")).first { item in
      let name = item["name"]?.json.stringValue
      return name != "dind" && name != "runner" && name != "init-dind-externals" && isDockerImage(item)
    }
  }

  /// The position of a Docker daemon in the file; nil if there is none.
  var daemonPlace: ValuesPlace? {
    let hasVolume = item("volumes", "dind-sock") != nil || item("volumes", "dind-externals") != nil
    let daemon = (items("containers") + items("initContainers")).first { item in
      guard item["name"]?.json != "runner" else { return false }
      return isDockerImage(item) || hasVolume && item["name"]?.json == "dind"
    }
    return place(daemon)
  }

  /// `docker:dind`, `docker.io/library/docker:28-dind`
  private func isDockerImage(_ item: YAMLNode) -> Bool {
    guard let image = item["image"]?.json.stringValue, let last = image.split(separator: "/").last else { return false }
    return last.hasPrefix("docker:") && last.firstRange(of: "dind") != nil
  }

  /// The work volume, if it is not a claim.
  var plainWorkVolume: ValuesPlace? {
    guard let work = item("volumes", "work"), work["ephemeral"] == nil, work["persistentVolumeClaim"] == nil else {
      return nil
    }
    return place(work)
  }
}

extension YAMLNode {
  /// Splits values into the container `dind` as an init container and the rest, to be merged in turn. Returns only the
  /// values if there is no such container.
  ///
  /// - Parameter taken: keys of an init container with that name, which wins, except for values that are merged.
  func movingDaemon(without taken: Set<String>) -> [YAMLNode] {
    guard let spec = self["template"]?["spec"], let containers = spec["containers"]?.items,
      let daemon = containers.first(where: { $0["name"]?.text == "dind" })
    else { return [self] }
    func mapping(_ key: String, _ value: YAMLNode) -> YAMLNode {
      YAMLNode(content: .map([YAMLMember(key: key, mark: daemon.mark, value: value)]), mark: daemon.mark)
    }
    let kept = (daemon.members ?? []).filter { member in
      member.key == "name" || !taken.contains(member.key) || member.value.members != nil
        || MergeKey.of(list: member.key) != nil
    }
    let list = YAMLNode(
      content: .list([YAMLNode(content: .map(kept), mark: daemon.mark)]), mark: daemon.mark)
    let rest = changed(["template", "spec", "containers"]) { list in
      list.content = .list(containers.filter { $0["name"]?.text != "dind" })
    }
    return [mapping("template", mapping("spec", mapping("initContainers", list))), rest]
  }

  private func changed(_ path: [String], _ body: (inout YAMLNode) -> Void) -> YAMLNode {
    var result = self
    guard let key = path.first else {
      body(&result)
      return result
    }
    result.content = .map(
      (members ?? []).map { member in
        guard member.key == key else { return member }
        var member = member
        member.value = member.value.changed(Array(path.dropFirst()), body)
        return member
      })
    return result
  }
}
