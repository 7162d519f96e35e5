/// A scale set as it is in the cluster (ARC's AutoscalingRunnerSet).
public struct ScaleSet: ScannedObject, Equatable {
  /// Name and age.
  public var metadata: ObjectMetadata
  /// What it serves.
  public var githubURL: String
  /// The chart's version it was deployed with.
  public var version: String
  /// Whether GitHub knows it: the controller writes the id it got.
  public var isRegistered: Bool
  /// `Pending`, `Running`, `Outdated`, or empty.
  public var phase: String
  /// Runners that wait, as deployed.
  public var minimum: Int
  /// Runners at most, as deployed; nil for no limit.
  public var maximum: Int?
  /// The installation that deskrun marked it with; nil for one that bears no mark.
  public var mark: String?

  init(_ scanner: inout JSONScanner) {
    var metadata = ObjectMetadata()
    var (url, version, isRegistered, phase) = ("", "", false, "")
    var (minimum, maximum) = (0, Int?.none)
    var mark: String?
    scanner.object { key, value in
      switch key {
      case "metadata":
        value.fork { scanner in
          scanner.object { key, value in
            switch key {
            case "annotations":
              value.object { key, value in
                switch key {
                case "runner-scale-set-id": isRegistered = value.string() != nil
                default: break
                }
              }
            default: break
            }
          }
        }
        metadata = ObjectMetadata(&value) { key, value in
          switch key {
          case "app.kubernetes.io/version": version = value.string() ?? ""
          case "deskrun/installation": mark = value.string()
          default: break
          }
        }
      case "spec":
        value.object { key, value in
          switch key {
          case "githubConfigUrl": url = value.string() ?? ""
          case "minRunners": minimum = value.amount() ?? 0
          case "maxRunners": maximum = value.amount()
          default: break
          }
        }
      case "status":
        value.object { key, value in
          switch key {
          case "phase": phase = value.string() ?? ""
          default: break
          }
        }
      default: break
      }
    }
    self.metadata = metadata
    (githubURL, self.version, self.isRegistered, self.phase) = (url, version, isRegistered, phase)
    (self.minimum, self.maximum) = (minimum, maximum)
    self.mark = mark
  }
}

/// ARC's controller as it is in the cluster.
public struct ControllerState: ScannedObject, Equatable {
  /// Its version.
  public var version: String
  /// Whether a pod of it is ready.
  public var isReady: Bool

  /// The name of its deployment.
  var name: String

  /// Describes one.
  public init(version: String, isReady: Bool) { self.init(version: version, isReady: isReady, name: "") }

  init(version: String, isReady: Bool, name: String) {
    self.version = version
    self.isReady = isReady
    self.name = name
  }

  /// Whether nothing that is read of them differs.
  public static func == (a: ControllerState, b: ControllerState) -> Bool {
    a.version == b.version && a.isReady == b.isReady
  }

  init(_ scanner: inout JSONScanner) {
    var (name, version, ready) = ("", "", 0)
    scanner.object { key, value in
      switch key {
      case "metadata":
        name =
          ObjectMetadata(&value) { key, value in
            switch key {
            case "app.kubernetes.io/version": version = value.string() ?? ""
            default: break
            }
          }.name
      case "status":
        value.object { key, value in
          switch key {
          case "readyReplicas": ready = value.amount() ?? 0
          default: break
          }
        }
      default: break
      }
    }
    self.init(version: version, isReady: ready > 0, name: name)
  }
}
