// The library as one name: what stands outside deskrun's engine imports this, and each floor by its own name when it
// needs no more.
@_exported import ARC
@_exported import Basics
@_exported import Deployment
@_exported import Installations
@_exported import Knowledge
@_exported import Kubernetes
@_exported import Tools
@_exported import ValuesFiles
