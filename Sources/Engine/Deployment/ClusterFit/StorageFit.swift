import ARC
import Basics
import Installations

extension ClusterFit {
  /// Provisioners of volumes that only one node at a time can use, according to their documentation.
  private static let singleNodeProvisioners: Set<String> = [
    "ebs.csi.aws.com", "kubernetes.io/aws-ebs", "disk.csi.azure.com", "kubernetes.io/azure-disk",
    "pd.csi.storage.gke.io", "kubernetes.io/gce-pd", "rancher.io/local-path", "cinder.csi.openstack.org",
    "csi.hetzner.cloud", "dobs.csi.digitalocean.com", "docker.io/hostpath", "k8s.io/minikube-hostpath",
    "topolvm.io", "openebs.io/local",
  ]

  /// Checks whether the storage class of the work volume exists and supports the claim.
  static func storage(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard let claim = need.workClaim, facts.knows(.storageClasses) else { return [] }
    // Such a claim waits for a manually created volume.
    let named = claim["storageClassName"]?.stringValue
    guard named != "", claim["selector"] == nil, claim["volumeName"] == nil else { return [] }
    let names = facts.storageClasses.map(\.name).sorted()
    let found =
      named.map { name in facts.storageClasses.first { $0.name == name } }
      ?? facts.storageClasses.first(where: \.isDefault)
    guard let found else {
      let choice =
        names.isEmpty
        ? "Install a storage provisioner with a StorageClass"
        : "Use one of them: --storage-class \(names.joined(separator: ", "))"
      return [
        FitProblem(
          kind: .storageClass, isRefusal: true,
          what: named.map { "The cluster has no StorageClass \(SafeText.line($0))" }
            ?? "The cluster has no default StorageClass",
          why: "In the mode kubernetes each runner gets a volume of one, and waits for it without"
            + (names.isEmpty ? "; the cluster has none at all" : "; the cluster has \(names.joined(separator: ", "))"),
          fix: choice + ", or a mode that needs no volume (--mode dind)")
      ]
    }
    let modes = (claim["accessModes"]?.arrayValue ?? []).compactMap(\.stringValue)
    if let mode = modes.first(where: { $0 == "ReadWriteMany" || $0 == "ReadOnlyMany" }),
      singleNodeProvisioners.contains(found.provisioner)
    {
      return [
        FitProblem(
          kind: .accessMode, isRefusal: true,
          what: "The StorageClass \(found.name) gives no volumes with the access mode \(mode)",
          why: "Its provisioner is \(SafeText.line(found.provisioner)), whose volumes one node at a time uses",
          fix: "Ask for ReadWriteOnce in the values file, or use a class of shared file systems: --storage-class NAME")
      ]
    }
    guard found.provisioner != "kubernetes.io/no-provisioner" else {
      return [
        FitProblem(
          kind: .storageClass, isRefusal: false,
          what: "The StorageClass \(found.name) creates no volumes itself",
          why: "Its provisioner is kubernetes.io/no-provisioner: each runner waits for a volume that somebody prepared",
          fix: "Use another class: --storage-class NAME")
      ]
    }
    return []
  }

  /// Checks whether the claims of `--cache-claim` exist and can be shared by the number of runners.
  static func claims(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard facts.knows(.claims) else { return [] }
    let installation = need.installation
    return installation.settings.cacheClaims.compactMap { cache -> FitProblem? in
      func refusal(_ what: String, _ why: String?, _ fix: String) -> FitProblem {
        FitProblem(kind: .claim(cache.claim), isRefusal: true, what: what, why: why, fix: fix)
      }
      let place = "in namespace \(facts.namespace)"
      guard let claim = facts.claims.first(where: { $0.name == cache.claim }) else {
        let names = facts.claims.map(\.name).sorted().prefix(5)
        return refusal(
          "No PersistentVolumeClaim \(cache.claim) found \(place)",
          names.isEmpty ? nil : "That namespace has \(names.joined(separator: ", "))",
          "Create it there first, or use --cache, which keeps the directory on each node")
      }
      let modes = claim.accessModes.isEmpty ? "none" : claim.accessModes.joined(separator: ", ")
      let its = "The access modes of the claim \(claim.name): \(SafeText.line(modes))"
      guard claim.phase != "Lost" else {
        return refusal(
          "The PersistentVolumeClaim \(claim.name) \(place) is Lost",
          "The volume that it was bound to no longer exists",
          "Delete the claim and create it again")
      }
      if claim.accessModes.contains("ReadWriteMany") { return nil }
      guard claim.accessModes.contains("ReadWriteOnce") || claim.accessModes.contains("ReadWriteOncePod") else {
        return refusal(
          "Jobs cannot write to the claim \(claim.name) \(place)", its, "Use a claim with ReadWriteMany")
      }
      guard need.most == 1 else {
        return refusal(
          "The claim \(claim.name) \(place) cannot be shared by up to \(need.most) runners", its,
          "Use a claim with ReadWriteMany, or "
            + (installation.instances > 1 ? "one instance with --max-runners 1" : "--max-runners 1"))
      }
      guard claim.accessModes.contains("ReadWriteOnce") || installation.mode == .dind else {
        return refusal(
          "The claim \(claim.name) \(place) can be used by one pod alone, and a job with a container has two", its,
          "Use a claim with ReadWriteOnce or ReadWriteMany, or --mode dind")
      }
      return nil
    }
  }
}
