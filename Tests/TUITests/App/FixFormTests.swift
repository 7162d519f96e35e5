import Engine
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// A form that is opened to fix a problem.
@Suite struct FixFormTests {
  private func form(_ option: EditOption) throws -> FormState {
    let installation = try #require(try World().installations.first { $0.name.description == "tools-dind" })
    return FormState(installation, fixing: option, "it is wrong")
  }

  @Test(arguments: [
    (EditOption.credentials, FormField.credential), (.url, .repository), (.image, .image), (.defaultImage, .image),
    (.pullPolicy, .pullPolicy), (.toleration, .tolerations), (.nodeSelector, .nodeSelector), (.memory, .memory),
    (.values, .valuesFile), (.appInstallation, .authentication),
  ]) func `the cursor is on the field in question, which is on the screen and marked`(
    option: EditOption, field: FormField
  ) throws {
    let form = try form(option)
    #expect(form.focus == field)
    #expect(form.visible.contains(field))
    #expect(form.fix == FormState.Fix(field: field, why: "it is wrong"))
    let driver = try Driver.watching(nil, 100, 40)
    driver.open(form)
    driver.shows("! it is wrong")
  }

  @Test func `what helps for certain is filled in, and what there is is selected`() throws {
    #expect(try form(.pullPolicy).text(.pullPolicy) == "IfNotPresent")
    #expect(try form(.defaultImage).text(.image) == "")
    let image = try form(.image)
    #expect(image.text(.image) == "acme/runner:missing")
    #expect(image.fields[.image]?.isSelected == true)
  }

  @Test func `where nobody knows the field the form is as always`() throws {
    let form = try form(.unknown)
    #expect(form.fix == nil)
    #expect(form.focus == .repository)
  }

  @Test func `the fix of a finding leads to the field, and what is typed replaces it`() throws {
    let driver = try Driver.watching(nil, 120, 40)
    driver.press(.down, .character("w"))
    let finding = try #require(driver.model.findings.first { $0.installation == "tools-dind" })
    #expect(finding.action == .edit(.image))
    driver.press(.enter)
    driver.shows("Change tools-dind")
    driver.shows("! \(finding.title.prefix(40))")
    driver.type("acme/runner:1.2")
    driver.answerForm()
    driver.forget()
    driver.press(.enter)
    guard case .edit(let wanted, _)? = driver.requests.first else {
      Issue.record("no change was sent: \(driver.effects)")
      return
    }
    #expect(wanted.installation.image == "acme/runner:1.2")
  }

  @Test func `a limit that is to be raised is proposed and can be typed over`() throws {
    let driver = try Driver.watching(nil, 120, 40)
    driver.press(.down, .down)
    let installation = try #require(try World().installations.last)
    driver.askForScale(installation, maximum: 8)
    driver.shows("max 5 → 8: 3 more runners may start")
    driver.type("6")
    driver.shows("max 5 → 6: 1 more runner may start")
  }
}
