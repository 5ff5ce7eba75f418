/// The manifests of the stages that come with flow: the files in `Actions`, embedded.
package enum BuiltinActions {
    private static let files: [(reference: String, bytes: [UInt8])] = [
        ("catalog/sync", PackageResources.catalog_sync_yaml),
        ("dataset/sync", PackageResources.dataset_sync_yaml),
        ("git/commit", PackageResources.git_commit_yaml),
        ("git/fetch", PackageResources.git_fetch_yaml),
        ("git/propose", PackageResources.git_propose_yaml),
        ("git/push", PackageResources.git_push_yaml),
        ("github/issue", PackageResources.github_issue_yaml),
        ("github/pull-request", PackageResources.github_pull_request_yaml),
        ("knowledge/enrich", PackageResources.knowledge_enrich_yaml),
        ("model/check", PackageResources.model_check_yaml),
        ("model/deploy", PackageResources.model_deploy_yaml),
        ("model/train", PackageResources.model_train_yaml),
        ("skills/call", PackageResources.skills_call_yaml),
        ("skills/feedback", PackageResources.skills_feedback_yaml),
        ("skills/mine", PackageResources.skills_mine_yaml),
        ("skills/problems", PackageResources.skills_problems_yaml),
        ("skills/review", PackageResources.skills_review_yaml),
    ]

    /// What `uses:` can name without a folder.
    package static var references: [String] { files.map(\.reference) }

    /// All of them.
    /// - Throws: never for the files that come with flow; a test reads each.
    package static func all() throws(DiagnosticList) -> [ActionManifest] {
        var manifests: [ActionManifest] = []
        for (reference, bytes) in files {
            manifests.append(
                try ActionManifest.read(
                    bytes, reference: reference, file: "\(reference)/action.yaml"))
        }
        return manifests
    }
}
