import Testing

@testable import Basics
@testable import Knowledge

/// What is hidden in texts for bug reports.
@Suite struct ReportMaskTests {
  private var mask: ReportMask {
    var mask = ReportMask()
    mask.hide("/home/mallory", as: "~")
    mask.hide("mallory", as: "USER")
    mask.hide("workhorse", as: "COMPUTER")
    mask.hide("github.acme.example", numbered: "GITHUB-HOST")
    mask.hide(owner: "acme")
    mask.hide(owner: "Octo-Org")
    return mask
  }

  @Test(arguments: [
    ("/home/mallory/.deskrun/config.json", "~/.deskrun/config.json"),
    ("run by mallory on workhorse.", "run by USER on COMPUTER."),
    ("/mnt/mallory/x", "/mnt/USER/x"),
    ("https://github.com/acme/web/actions/runs/7", "https://github.com/OWNER-1/REPOSITORY-1/actions/runs/7"),
    ("https://github.acme.example/acme/web", "https://GITHUB-HOST-1/OWNER-1/REPOSITORY-1"),
    ("jobs of ACME/web.", "jobs of OWNER-1/REPOSITORY-1."), ("octo-org is unknown", "OWNER-2 is unknown"),
    ("ghcr.io/acme/runner:1.2", "ghcr.io/OWNER-1/REPOSITORY-1:1.2"),
    ("https://10.1.2.3:6443/version", "https://ADDRESS:6443/version"),
    ("127.0.0.1:6443 and 0.0.0.0", "127.0.0.1:6443 and 0.0.0.0"), ("ARC 0.15.0, v1.36.1", "ARC 0.15.0, v1.36.1"),
    ("1.2.3.4.5 and 300.1.1.1", "1.2.3.4.5 and 300.1.1.1"),
    ("token ghp_0123456789abcdefghij0123456789abcdef", "token ghp_…"),
    // Parts of other words are not these names.
    ("acmeify acme-web-ci /home/malloryx workhorses", "acmeify acme-web-ci /home/malloryx workhorses"),
  ]) func `names become stand-ins`(line: String, expected: String) {
    var mask = mask
    #expect(mask.masked(line) == expected)
  }

  @Test func `the same repository has the same stand-in in all lines`() {
    var mask = mask
    #expect(
      mask.masked("acme/web acme/api acme/web") == "OWNER-1/REPOSITORY-1 OWNER-1/REPOSITORY-2 OWNER-1/REPOSITORY-1")
    #expect(mask.masked("octo-org/web and acme/api") == "OWNER-2/REPOSITORY-3 and OWNER-1/REPOSITORY-2")
  }

  @Test func `what is everybody's or nothing stays`() {
    var mask = ReportMask()
    for word in ["root", "", "x", "localhost"] { mask.hide(word, as: "USER") }
    mask.hide(owner: "")
    #expect(mask.masked("root x localhost runAsRoot /root") == "root x localhost runAsRoot /root")
    #expect(mask.masked("") == "")
  }
}
