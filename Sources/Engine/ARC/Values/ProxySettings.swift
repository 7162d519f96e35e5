import Basics

/// The chart's block `proxy`: how controller, listener and runners of a scale set reach GitHub.
package struct ProxySettings: Sendable, Equatable {
  /// The proxy for `http://`, a URL without credentials.
  package var http: String?
  /// The proxy for `https://`, a URL without credentials. GitHub is reached through this one.
  package var https: String?
  /// The Secret in the runners' namespace with the keys `username` and `password` for both proxies.
  package var secret: String?
  /// Hosts that are reached without a proxy.
  package var exceptions: [String] = []

  package init() {}

  /// The values of the chart; nil where no proxy is set. The chart reads a list of exceptions alone as a block too, so it
  /// is left out without a proxy.
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

/// A PersistentVolumeClaim of the runners' namespace that jobs use as a cache.
package struct CacheClaim: Sendable, Equatable {
  /// The claim's name.
  package var claim: String
  /// Where jobs see it.
  package var target: String

  package init(claim: String, target: String) { (self.claim, self.target) = (claim, target) }

  /// `NAME:TARGET`, as on the command line.
  package var text: String { "\(claim):\(target)" }
}

/// The ConfigMap with the certificates of `--ca`, as chart and pods refer to it.
package enum CertificateMap {
  /// The ConfigMap of an installation, which its scale sets share.
  package static func name(installation: String) -> String { "\(installation)-ca" }
  /// The key in it, which is the file's name below the mount path.
  package static let key = "ca.crt"
  /// Where the chart mounts it in the runner: the folder that `update-ca-certificates` of the runner's image reads.
  static let mountPath = "/usr/local/share/ca-certificates/"

  /// The chart's block `githubServerTLS`. With a mount path the chart mounts the file in the runner and sets
  /// `NODE_EXTRA_CA_CERTS` and `RUNNER_UPDATE_CA_CERTS` there.
  static func json(_ name: String) -> JSONValue {
    [
      "certificateFrom": ["configMapKeyRef": ["name": .string(name), "key": .string(key)]],
      "runnerMountPath": .string(mountPath),
    ]
  }
}
