import Basics

/// The chart's block `proxy`: how controller, listener and runners of a scale set connect to GitHub.
package struct ProxySettings: Sendable, Equatable {
  /// The proxy for `http://`, a URL without credentials.
  package var http: String?
  /// The proxy for `https://`, a URL without credentials. Connections to GitHub use this one.
  package var https: String?
  /// The Secret in the runners' namespace with the keys `username` and `password`, used for both proxies.
  package var secret: String?
  /// Hosts to connect to without a proxy.
  package var exceptions: [String] = []

  package init() {}

  /// The chart's values; nil without a proxy. The chart treats a list of exceptions alone as a proxy block too, so the
  /// list is omitted then.
  var json: JSONValue? {
    guard http != nil || https != nil else { return nil }
    func server(_ url: String) -> JSONValue {
      var object: JSONObject = ["url": .string(url)]
      if let secret { object["credentialSecretRef"] = .string(secret) }
      return .object(object)
    }
    var object = JSONObject()
    if let http { object["http"] = server(http) }
    if let https { object["https"] = server(https) }
    if !exceptions.isEmpty { object["noProxy"] = .array(exceptions.map(JSONValue.string)) }
    return .object(object)
  }
}

/// A PersistentVolumeClaim in the runners' namespace that jobs use as a cache.
package struct CacheClaim: Sendable, Equatable {
  package var claim: String
  /// The mount path in jobs.
  package var target: String

  package init(claim: String, target: String) { (self.claim, self.target) = (claim, target) }

  /// `NAME:TARGET`, as on the command line.
  package var text: String { "\(claim):\(target)" }
}

/// The ConfigMap with the certificates of `--ca`, as referenced by chart and pods.
package enum CertificateMap {
  /// The name of an installation's ConfigMap, which its scale sets share.
  package static func name(installation: String) -> String { "\(installation)-ca" }
  /// Its key, which is also the file name below the mount path.
  package static let key = "ca.crt"
  /// Where the chart mounts it in the runner: the folder that `update-ca-certificates` reads in the runner image.
  static let mountPath = "/usr/local/share/ca-certificates/"

  /// The chart's block `githubServerTLS`. If a mount path is set, the chart mounts the file in the runner and sets
  /// `NODE_EXTRA_CA_CERTS` and `RUNNER_UPDATE_CA_CERTS`.
  static func json(_ name: String) -> JSONValue {
    [
      "certificateFrom": ["configMapKeyRef": ["name": .string(name), "key": .string(key)]],
      "runnerMountPath": .string(mountPath),
    ]
  }
}
