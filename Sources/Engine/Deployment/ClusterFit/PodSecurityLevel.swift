import Basics

/// The Pod Security admission checks that runner pods can fail, with their messages (kubernetes,
/// staging/src/k8s.io/pod-security-admission/policy).
enum PodSecurityLevel {
  /// Capabilities that `baseline` allows to be added.
  private static let allowedCapabilities: Set<String> = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT",
  ]

  static func baseline(_ spec: JSONValue?, _ containers: [JSONValue], hasChartsDaemon: Bool) -> [String] {
    var found: [String] = []
    func add(_ title: String, _ names: [String], _ rule: String) {
      guard !names.isEmpty else { return }
      found.append("\(title) (\(names.joined(separator: ", ")) \(rule))")
    }
    let host = ["hostNetwork", "hostPID", "hostIPC"].filter { spec?[$0] == true }
    add("host namespaces", host.map { "\($0)=true" }, "must not be set")
    let privileged =
      containers.filter { $0["securityContext"]?["privileged"] == true }.map(name)
      + (hasChartsDaemon ? ["\"dind\""] : [])
    add("privileged", privileged, "must not set securityContext.privileged=true")
    let capable = containers.filter { container in
      (container["securityContext"]?["capabilities"]?["add"]?.arrayValue ?? []).compactMap(\.stringValue)
        .contains { !allowedCapabilities.contains($0) }
    }
    add("non-default capabilities", capable.map(name), "must not include others in securityContext.capabilities.add")
    let volumes = (spec?["volumes"]?.arrayValue ?? []).filter { $0["hostPath"] != nil }
    add("hostPath volumes", volumes.map(name), "are host paths")
    let ports = containers.filter { container in
      (container["ports"]?.arrayValue ?? []).contains { ($0["hostPort"]?.intValue ?? 0) != 0 }
    }
    add("hostPort", ports.map(name), "use host ports")
    return found
  }

  /// The requirements of `restricted` in addition to `baseline`.
  static func restricted(_ spec: JSONValue?, _ containers: [JSONValue]) -> [String] {
    let pod = spec?["securityContext"]
    var found: [String] = []
    func check(_ title: String, _ rule: String, _ passes: (JSONValue?) -> Bool) {
      let names = containers.filter { !passes($0["securityContext"]) }.map(name)
      guard !names.isEmpty else { return }
      found.append("\(title) (\(names.joined(separator: ", ")) must set \(rule))")
    }
    check("allowPrivilegeEscalation != false", "securityContext.allowPrivilegeEscalation=false") {
      $0?["allowPrivilegeEscalation"] == false
    }
    check("unrestricted capabilities", "securityContext.capabilities.drop=[\"ALL\"]") {
      ($0?["capabilities"]?["drop"]?.arrayValue ?? []).contains("ALL")
    }
    check("runAsNonRoot != true", "securityContext.runAsNonRoot=true") {
      ($0?["runAsNonRoot"] ?? pod?["runAsNonRoot"]) == true
    }
    check("seccompProfile", "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"") {
      let type = ($0?["seccompProfile"] ?? pod?["seccompProfile"])?["type"]
      return type == "RuntimeDefault" || type == "Localhost"
    }
    return found
  }

  private static func name(_ object: JSONValue) -> String {
    "\"\(SafeText.line(object["name"]?.stringValue ?? ""))\""
  }
}
