import Tools

extension Invocation {
  /// A finding whose sentences contain commands ready to be copied.
  package func completing(_ finding: Finding) -> Finding {
    var finding = finding
    finding.title = text(finding.title)
    finding.evidence = finding.evidence.map(text)
    finding.remedy = text(finding.remedy)
    return finding
  }

  /// A check whose sentences contain commands ready to be copied.
  package func completing(_ check: DoctorCheck) -> DoctorCheck {
    var check = check
    check.finding = text(check.finding)
    check.fix = check.fix.map(text)
    return check
  }
}
