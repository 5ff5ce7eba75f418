internal import FlowSystem
internal import FlowText

/// What can be said of a remote without asking it.
package struct RemoteCheck: Sendable, Hashable {
    package let name: String
    /// Nothing is known that is in the way.
    package let isFine: Bool
    /// The address and, where it is not fine, what to do.
    package let words: String
}

extension Repository {
    /// Looks at every remote: whether flow has what it needs to reach it, and what git or ssh would do
    /// for it and flow cannot.
    package func checkRemotes() throws(GitError) -> [RemoteCheck] {
        let entries = try configurationEntries()
        // An agent is asked once, not anew for each remote: it may be slow.
        lazy var access = SSHAccess(entries, Environment.all)
        var checks: [RemoteCheck] = []
        for remote in try remotes() {
            let problems = obstacles(remote, entries) { access }
            let words = ([remote.shown] + problems).joined(separator: "; ")
            checks.append(
                RemoteCheck(
                    name: VisibleText.safe(remote.name), isFine: problems.isEmpty, words: words))
        }
        return checks
    }

    private func obstacles(
        _ remote: Remote, _ entries: [(name: String, value: String)], _ access: () -> SSHAccess
    ) -> [String] {
        let address = RemoteAddress(remote.url)
        switch address.kind {
        case .path:
            let path = Path.join(workTree ?? gitFolder, remote.path ?? "")
            return Files.exists(path) ? [] : ["nothing is there"]
        case .ssh: return sshObstacles(address, access())
        case .https: return webObstacles(address, entries)
        case .http: return ["flow shows no token over http://; use https://"]
        case .other: return ["flow reaches remotes by path, ssh and https only"]
        }
    }

    private func sshObstacles(_ address: RemoteAddress, _ access: SSHAccess) -> [String] {
        var problems: [String] = []
        if access.keys.isEmpty {
            problems.append(access.refusal(of: address, user: address.user ?? "git", tried: []))
        } else {
            if access.keys.allSatisfy(\.isRSA) { problems.append(SSHAccess.aboutRSA) }
            if !access.unknown.isEmpty {
                problems.append(SSHAccess.about(unknown: access.unknown))
            }
            if let warning = access.warning(of: address) { problems.append(warning) }
        }
        if !access.knownHosts.names(address) {
            problems.append("no known_hosts file has its key: \(access.scan(address, "ed25519"))")
        }
        return problems
    }

    private func webObstacles(
        _ address: RemoteAddress, _ entries: [(name: String, value: String)]
    ) -> [String] {
        let settings = WebSettings(entries)
        let access = WebAccess(address, entries, Environment.all)
        var problems: [String] = []
        if access.token == nil, !access.hasHeader, address.user == nil {
            let helper = entries.contains { $0.name.hasPrefix("credential.") }
            problems.append(
                "there is no token for it: give one in \(WebAccess.variable)"
                    + (helper ? "; flow asks no credential helper" : ""))
        }
        if entries.contains(where: { $0.name == "http.proxy" || $0.name.hasSuffix(".proxy") }) {
            problems.append("flow goes through no proxy (http.proxy)")
        }
        if settings.values("sslverify", for: address).last == "false" {
            problems.append(
                "flow always checks certificates; name the authority with http.sslCAInfo")
        }
        return problems
    }
}
