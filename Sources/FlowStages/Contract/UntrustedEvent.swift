/// Runs that somebody from outside has set off (`docs/security.md`): a pull request's branch may hold
/// anything, also workflows.
enum UntrustedEvent {
    private static let names: Set = ["pull_request", "pull_request_target"]

    /// - Parameter environment: a stage's.
    /// - Throws: `StageError` where GitHub Actions runs for a pull request.
    static func refuseWriting(_ environment: [String: String]) throws(StageError) {
        guard let name = environment["GITHUB_EVENT_NAME"], names.contains(name) else { return }
        throw StageError(
            "nothing is written on the event \(name), as its branch may be anybody's; run this on "
                + "schedule, push or workflow_dispatch")
    }
}
