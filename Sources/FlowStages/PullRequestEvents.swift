/// What may not happen where a pull request started the job of GitHub Actions: its branch may be
/// anybody's (`docs/security.md`, 6).
enum PullRequestEvents {
    /// Stages of `git/` and `github/` that write neither here nor there: a fetch brings what the
    /// remote has, and moves only the job's own clone.
    private static let readers: Set = [FetchStage.reference]

    /// - Parameter environment: of the stage; flow sets `GITHUB_EVENT_NAME` there and no workflow can.
    /// - Throws: `StageError` for every stage of `git/` and `github/` that writes, on `pull_request`,
    ///   `pull_request_target` and the events of reviews.
    static func refuseToWrite(
        _ reference: String, _ environment: [String: String]
    ) throws(StageError) {
        let isWriter = ["git/", "github/"].contains { reference.hasPrefix($0) }
        guard isWriter, !readers.contains(reference),
            let event = environment["GITHUB_EVENT_NAME"], event.hasPrefix("pull_request")
        else { return }
        throw StageError(
            "\(reference) does not write on the event \(event), since a pull request may be anybody's; "
                + "run the workflow on push, schedule or workflow_dispatch instead")
    }
}
