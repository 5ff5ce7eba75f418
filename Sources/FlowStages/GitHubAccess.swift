internal import FlowGit
internal import FlowGitHub
internal import FlowSystem
internal import FlowText

/// GitHub as a stage reaches it: with the token and the address of its environment, for the repository
/// that `GITHUB_REPOSITORY` or a remote names.
enum GitHubAccess {
    case open(GitHubClient, GitHubRepository, remote: String)
    /// There is nothing to do, with the reason as a sentence.
    case none(String)

    /// - Throws: where something is set that cannot be used.
    init(_ context: StageContext, _ settled: SettledRepository) throws {
        let environment = context.environment.filter { !$0.value.isEmpty }
        guard let token = environment["GITHUB_TOKEN"] else {
            self = .none("there is no GITHUB_TOKEN, so there are branches only")
            return
        }
        guard let remote = try settled.remote(context.text("remote")) else {
            self = .none("there is no remote, so GitHub has no branches")
            return
        }
        let address = try GitHubAddress(environment["GITHUB_API_URL"] ?? GitHubAddress.standard)
        let url = try settled.repository.remotes().first { $0.name == remote }?.url ?? ""
        switch try Self.repository(
            named: environment["GITHUB_REPOSITORY"], at: RemoteAddress(url), address)
        {
        case .found(let repository):
            var seams = GitHubClient.Seams()
            seams.say = context.note
            self = .open(try GitHubClient(address, token: token, seams), repository, remote: remote)
        case .elsewhere(let reason): self = .none(reason)
        }
    }

    private enum Search {
        case found(GitHubRepository)
        case elsewhere(String)
    }

    private static func repository(
        named name: String?, at remote: RemoteAddress, _ address: GitHubAddress
    ) throws(StageError) -> Search {
        if let name {
            guard let repository = GitHubRepository(name) else {
                throw StageError("GITHUB_REPOSITORY is owner/name, not \(VisibleText.quoted(name))")
            }
            return .found(repository)
        }
        guard let (host, repository) = place(remote) else {
            return .elsewhere(
                "the remote is not at GitHub; set GITHUB_REPOSITORY to owner/name if it is a copy")
        }
        guard address.serves(host) else {
            return .elsewhere(
                "the remote is at \(VisibleText.safe(host)), and GITHUB_API_URL is another host's; "
                    + "of an own server it is https://HOST/api/v3")
        }
        return .found(repository)
    }

    /// The repository of a remote's address and its host; nil for a path of this machine and for an
    /// address that has more or fewer names than `owner/name`.
    static func place(_ remote: RemoteAddress) -> (host: String, repository: GitHubRepository)? {
        guard [.ssh, .https, .http].contains(remote.kind), !remote.host.isEmpty else { return nil }
        var path = remote.path.drop { $0 == "/" }
        while path.last == "/" { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        // Where ssh is blocked, it is reached over the port of https under another name.
        let host = remote.host == "ssh.github.com" ? "github.com" : remote.host
        return GitHubRepository(String(path)).map { (host, $0) }
    }
}

/// What this machine must have for the stages of GitHub.
package enum GitHubMachine {
    /// What is missing and what to do; nil where nothing is.
    package static var problem: String? { GitHubNeeds.problem }
}
