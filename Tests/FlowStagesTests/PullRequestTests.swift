import FlowStages
import Testing

@Suite struct PullRequestTests {
    private static let writers = Stages.references.filter {
        ($0.hasPrefix("git/") || $0.hasPrefix("github/")) && $0 != "git/fetch"
    }

    @Test(
        "a stage that writes to git or GitHub does nothing on the events of pull requests",
        arguments: writers, ["pull_request", "pull_request_target", "pull_request_review"])
    func refused(_ reference: String, _ event: String) throws {
        let error = #expect(throws: StageError.self) {
            try Stages.run(reference, environment: ["GITHUB_EVENT_NAME": event]) { _ in }
        }
        #expect(
            error?.description
                == "\(reference) does not write on the event \(event), since a pull request may be "
                + "anybody's; run the workflow on push, schedule or workflow_dispatch instead")
    }

    @Test("on other events, and in stages that only read, nothing is refused")
    func others() throws {
        for (reference, event) in [
            ("git/push", "push"), ("git/commit", "workflow_dispatch"), ("git/propose", "schedule"),
            ("git/fetch", "pull_request"), ("skills/mine", "pull_request"),
        ] {
            let error = #expect(throws: StageError.self) {
                try Stages.run(reference, environment: ["GITHUB_EVENT_NAME": event]) { _ in }
            }
            #expect(error?.description.contains("a stage is started by flow") == true)
        }
    }
}
