import Basics

extension ClusterTarget {
  /// A command of kubectl or helm for the user to copy, with the options that select this cluster, so that it does not
  /// depend on kubectl's current context.
  ///
  /// - Parameter command: `kubectl get nodes`. It is returned unchanged if it already names a context, needs no cluster
  ///   or belongs to another program.
  package func command(_ command: String) -> String {
    let words = command.split(separator: " ", maxSplits: 2)
    guard words.count > 1, !command.contains("--context "), !command.contains("--kube-context ") else { return command }
    let (program, verb) = (String(words[0]), words[1])
    let file = kubeconfig.map { ["--kubeconfig", SafeText.line($0)] } ?? []
    let options: [String]
    switch program {
    // Texts may come through here twice.
    case "kubectl" where verb == "config" || command.contains(" config "):
      options = command.contains("--kubeconfig") ? [] : file
    case "kubectl": options = ["--context", SafeText.line(context)] + file
    case "helm" where !Self.askingNoCluster.contains(verb): options = ["--kube-context", SafeText.line(context)] + file
    default: options = []
    }
    guard !options.isEmpty else { return command }
    return "\(program) \(ToolCall.quoted(options))\(command.dropFirst(program.utf8.count))"
  }

  /// Subcommands of helm that only use charts and files.
  private static let askingNoCluster: Set<Substring> = [
    "template", "show", "registry", "repo", "search", "pull", "version", "dependency", "lint", "package",
  ]
}
