import Tools

extension Invocation {
  /// A finding with the commands in it as they are to be copied.
  package func completing(_ finding: Finding) -> Finding {
    var finding = finding
    finding.title = text(finding.title)
    finding.evidence = finding.evidence.map(text)
    finding.remedy = text(finding.remedy)
    return finding
  }

  /// A check's answer with the commands in it as they are to be copied.
  package func completing(_ check: DoctorCheck) -> DoctorCheck {
    var check = check
    check.finding = text(check.finding)
    check.fix = check.fix.map(text)
    return check
  }
}
