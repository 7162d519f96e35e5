import Basics

extension ToolFailureRules {
  /// The kubeconfig cannot be used, or the cluster is not reached or refuses.
  static var cluster: [Rule] {
    [
      Rule(
        tools: clusterTools,
        pattern: ["context was not found for specified context", "context \"", "no context exists"]
      ) { subject in
        guard
          subject.text.contains("does not exist") || subject.text.contains("context was not found")
            || subject.text.contains("no context exists")
        else { return EngineError(.failed, ToolFailure.withoutPrefix(subject.line)) }
        return EngineError(
          .unreachable, "The kubeconfig has no context \(subject.context ?? "")",
          why: "It does not exist, or was created on another machine",
          fix: subject.context != nil && subject.mayBeKind
            ? "Create it with `deskrun up`" : "`kubectl config get-contexts` lists those there are", obstacle: .context)
      },
      // A directory, no YAML or another document: the cluster was not contacted.
      Rule(
        tools: clusterTools,
        pattern: [
          "error loading config file", "error loading kubeconfig", "couldn't get version/kind; json parse error",
        ]
      ) { subject in
        let given = subject.option("--kubeconfig")
        let (file, reason) = ToolFailure.unusableKubeconfig(subject.line)
        let words = (given ?? file).map { " \(SafeText.line($0))" } ?? ""
        let place = given == nil ? "KUBECONFIG" : "--kubeconfig"
        return EngineError(
          .unreachable, "The kubeconfig\(words) cannot be used", why: reason,
          fix: "Correct the file, or the path in \(place); `kubectl config view` reads it",
          obstacle: .kubeconfig)
      },
      // kubectl asks for a name and a password, and there is nobody to answer.
      Rule(tools: clusterTools, pattern: ["error: EOF", "Please enter Username"]) { subject in
        let context = subject.context.map { SafeText.line($0) }
        return EngineError(
          .unreachable, "The kubeconfig has no credentials for \(context ?? "its current context")",
          why: "The user of the context is not in the kubeconfig, or has no credentials",
          fix: "`kubectl config get-contexts` shows the user of the context; choose one that exists with "
            + "`kubectl config set-context \(context.map { ToolCall.quoted([$0]) } ?? "--current") --user USER`",
          obstacle: .noCredentials)
      },
      // A credential plugin of the kubeconfig failed, so the cluster was not contacted. Unlike a refusal by the
      // cluster, the next login fixes it, so the kind of this error is one that is retried.
      Rule(tools: clusterTools, pattern: ["getting credentials: exec"]) { subject in
        let version = ToolCall.quoted(["kubectl", "version"] + (subject.context.map { ["--context", $0] } ?? []))
        return EngineError(
          .failed, "The program that gives this kubeconfig's credentials failed",
          why: ToolFailure.withoutPrefix(subject.line),
          fix: "Log in again where the credentials are from; `\(version)` shows what the program says",
          obstacle: .credentialProgram)
      },
      Rule(
        tools: clusterTools,
        pattern: ["You must be logged in to the server", "the server has asked for the client to provide credentials"]
      ) { subject in
        EngineError(
          .unauthorized, "\(subject.cluster) does not accept this kubeconfig's credentials",
          fix: "Get new ones: for a kind cluster `kind export kubeconfig --name NAME`, else from its administrator",
          obstacle: .credentials)
      },
      Rule(tools: clusterTools, pattern: ["(Forbidden)", "is forbidden:"]) { subject in
        let denied = Denial.words(subject.line)
        return EngineError(
          .unauthorized, "\(subject.cluster) does not allow \(denied ?? "this")",
          why: ToolFailure.withoutPrefix(subject.line),
          fix: "Ask the administrator of the cluster for that permission, or use another context",
          obstacle: .forbidden(denied))
      },
      Rule(
        tools: clusterTools,
        pattern: ["x509:", "certificate signed by unknown authority", "certificate has expired", "tls: "]
      ) { subject in
        EngineError(
          .unreachable,
          "The certificate of \(SentenceCase.lower(subject.cluster)) is not the one the kubeconfig expects",
          why: ToolFailure.withoutPrefix(subject.line),
          fix: subject.mayBeKind
            ? "If the cluster was recreated: kind export kubeconfig --name NAME"
            : "Get a current kubeconfig of the cluster", obstacle: .certificate)
      },
      Rule(
        tools: clusterTools,
        pattern: [
          "connection refused", "was refused - did you specify", "no route to host", "network is unreachable",
          "connection reset by peer", "unexpected EOF", "http2: client connection lost",
          "Unable to connect to the server: EOF",
        ]
      ) { subject in
        EngineError(
          .unreachable, "\(subject.cluster) does not answer", why: ToolFailure.refusal(subject.line),
          fix: subject.mayBeKind
            ? "`deskrun doctor` shows whether Docker and the cluster's node run; `deskrun up` starts them"
            : ToolHints.checkNetwork, obstacle: .silent)
      },
      Rule(
        tools: clusterTools,
        pattern: [
          "Client.Timeout exceeded", "context deadline exceeded", "net/http: TLS handshake timeout", "i/o timeout",
          "net/http: request canceled", "the server was unable to return a response in the time allotted",
        ]
      ) { subject in
        EngineError(
          .timedOut, "\(subject.cluster) does not answer in time", why: ToolFailure.withoutPrefix(subject.line),
          fix: "It may be busy or starting: try again, or see `deskrun doctor`", obstacle: .silent)
      },
      Rule(tools: clusterTools, pattern: ["no such host"]) { subject in
        EngineError(
          .unreachable, "The address of \(SentenceCase.lower(subject.cluster)) is not known here",
          why: ToolFailure.withoutPrefix(subject.line),
          fix: ToolHints.checkNetwork, obstacle: .address)
      },
      Rule(
        tools: clusterTools,
        pattern: ["the server is currently unable to handle the request", "(ServiceUnavailable)", "(InternalError)"]
      ) { subject in
        EngineError(
          .unreachable, "The API of \(SentenceCase.lower(subject.cluster)) is not ready",
          why: ToolFailure.withoutPrefix(subject.line),
          fix: "It may be starting: try again in a moment", obstacle: .notReady)
      },
    ]
  }
}
