// The engine as one module: code outside of it imports this, or an individual layer if that is enough.
@_exported import ARC
@_exported import Basics
@_exported import Deployment
@_exported import Installations
@_exported import Knowledge
@_exported import Kubernetes
@_exported import Tools
@_exported import ValuesFiles
